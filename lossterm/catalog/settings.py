"""What a setting of a run is: one row that validation, options, forms, columns, comparisons and exports read."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from ..parsing import real_number, whole_number
from .tasks import TaskName

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

    from .dataset import Dataset
    from .optimizers import Optimizer

_DEVICE = re.compile(r"auto|cpu|gpu|gpu:[0-9]{1,3}", re.ASCII)
NO_LAYERS = "none"
"""How no hidden layer is typed."""
_SHOWN = 40
"""Characters of a bad value that its message repeats."""


class Kind(Protocol):
    """The type and the allowed values of a setting."""

    @property
    def words(self) -> str:
        """The allowed values, as a person reads them."""

    def read(self, value: object) -> Any:
        """Check a value, typed or parsed. Raises ValueError with the allowed values."""


@dataclass(frozen=True)
class Number:
    """A number from `low` to `high`, whole or real; `open_low` leaves `low` itself out."""

    low: float
    high: float
    whole: bool = False
    open_low: bool = False

    @property
    def words(self) -> str:
        """The range as a person reads it."""
        kind = "a whole number" if self.whole else "a number"
        if self.open_low:
            return f"{kind} above {self.low:g} and at most {self.high:,.12g}"
        return f"{kind} from {self.low:g} to {self.high:,.12g}"

    def read(self, value: object) -> float | int:
        """Read a number, typed or parsed.

        Only plain ASCII notation is a number, as `lossterm.parsing` reads it.

        Raises:
            ValueError: if it is no number or outside the range; the message says the range.
        """
        number = _number(value, self.whole)
        inside = (number > self.low if self.open_low else number >= self.low) and number <= self.high
        if not inside or (self.whole and number != int(number)):
            raise ValueError(f"must be {self.words}, not {_shown(value)}")
        return int(number) if self.whole else number


@dataclass(frozen=True)
class HiddenLayers:
    """The widths of the hidden layers, at most `most` of them, each from 1 to `widest`; typed as 64,32, or as none."""

    most: int = 16
    widest: int = 65_536

    @property
    def words(self) -> str:
        """What may be typed, as a person reads it."""
        return f"none, or up to {self.most} widths from 1 to {self.widest:,}, as 64,32"

    @property
    def example(self) -> str:
        """The same in a few words."""
        return f"none, or up to {self.most} widths, as 64,32"

    def read(self, value: object) -> tuple[int, ...]:
        """Read the widths, typed or parsed; one number is one layer. Raises ValueError with what is allowed."""
        widths: list[object]
        if isinstance(value, str):
            widths = [] if value.strip().lower() == NO_LAYERS else [part.strip() for part in value.split(",")]
        else:
            widths = [*value] if isinstance(value, (list, tuple)) else [value]
        width = Number(1, self.widest, whole=True)
        try:
            read: list[int] | None = [int(width.read(one)) for one in widths]
        except ValueError:
            read = None
        if read is None or len(read) > self.most:
            raise ValueError(f"must be {self.words}, not {_shown(','.join(map(str, widths)))}")
        return tuple(read)


@dataclass(frozen=True)
class Choice:
    """One word of several, whatever the case; `-` and `_` are the same.

    Attributes:
        options: the words.
        left_out: words that a person may look for and that are none of them, each with the reason.
    """

    options: tuple[str, ...]
    left_out: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def words(self) -> str:
        """The words as a person reads them."""
        return f"one of {', '.join(self.options)}"

    def read(self, value: object) -> str:
        """Read a word. Raises ValueError with the allowed ones."""
        word = str(value).strip().lower().replace("-", "_")
        if word not in self.options:
            reason = f": {self.left_out[word]}" if word in self.left_out else ""
            raise ValueError(f"must be {self.words}, not {str(value)[:_SHOWN]!r}{reason}")
        return word


@dataclass(frozen=True)
class DeviceName:
    """A device as a person asks for it: auto, cpu, gpu or gpu:N."""

    words: str = "auto, cpu, gpu or gpu:N"

    def read(self, value: object) -> str:
        """Read a device's name, whatever the case. Raises ValueError with the allowed names."""
        name = str(value).strip().lower()
        if _DEVICE.fullmatch(name) is None:
            raise ValueError(f"must be {self.words}, not {str(value)[:_SHOWN]!r}")
        return name


@dataclass(frozen=True)
class Alias:
    """Another name of a setting, with an option of its own, for some of the setting's values.

    Attributes:
        name: as in options (with dashes) and messages.
        kind: the values that it takes; the setting's kind reads them as well.
        help: what it is, for `lossterm run --help`.
        value_of: a value of the setting as this name has it; None for one that it has no word for.
    """

    name: str
    kind: Kind
    help: str
    value_of: Callable[[Any], object]


@dataclass(frozen=True)
class Setting:
    """One setting of a run.

    Attributes:
        name: as in options (with dashes), JSON, exports and messages.
        kind: its type and allowed values.
        label: a few words for forms.
        short: an abbreviation for narrow panels; heading: the heading of its column in tables, at most 7 cells.
        help: what it is, for `lossterm run --help`.
        metavar: what stands for its value there.
        from_dataset: whether its default comes from the dataset; one without a default there does not apply.
        from_optimizer: whether its default comes from the optimizer; one without a default there does not apply.
        tasks: the tasks that it applies to; empty for all.
        compiled: whether it is part of the compiled program, so that another value compiles anew.
        compared: whether runs that differ in it are different configs; False for the seed and the device.
        of_hidden_layers: whether it says what hidden layers are like, so that without one it has its default.
        alias: another name that it has, if any.
    panel_if_changed: bool = False
    """

    name: str
    kind: Kind
    label: str
    short: str
    heading: str
    help: str
    metavar: str = "N"
    from_dataset: bool = False
    from_optimizer: bool = False
    tasks: tuple[TaskName, ...] = ()
    compiled: bool = False
    compared: bool = True
    of_hidden_layers: bool = False
    alias: Alias | None = None
    panel_if_changed: bool = False

    @property
    def flag(self) -> str:
        """The option of `lossterm run`."""
        return option_of(self.name)

    def applies_to(self, dataset: Dataset) -> bool:
        """Whether it means something on a dataset."""
        fits_task = not self.tasks or dataset.task.name in self.tasks
        return fits_task and (not self.from_dataset or self.name in dataset.defaults)

    def is_taken_by(self, optimizer: Optimizer) -> bool:
        """Whether it means something to an optimizer."""
        return not self.from_optimizer or self.name in optimizer.defaults

    def written(self, value: object) -> str:
        """A value as a person types it: a number without needless digits, widths joined by commas."""
        if isinstance(value, Sequence) and not isinstance(value, str):
            return ",".join(map(str, value)) or NO_LAYERS
        return f"{value:.12g}" if isinstance(value, float) else str(value)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Let pydantic check a field annotated with this row by the row's kind."""
        from pydantic_core import core_schema

        read: Callable[[Any], Any] = self.kind.read
        return core_schema.no_info_before_validator_function(read, handler(source))


def option_of(name: str) -> str:
    """The option of `lossterm run` that a setting or an alias has."""
    return f"--{name.replace('_', '-')}"


def _number(value: object, whole: bool) -> float:
    """Read plain notation; NaN, which is inside no range, for everything else."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    try:
        return (whole_number if whole else real_number)(str(value))
    except ValueError:
        return math.nan


def _shown(value: object) -> str:
    """A bad value as its message repeats it: numbers as they are, anything else quoted."""
    text = str(value)[:_SHOWN]
    try:
        real_number(text)
    except ValueError:
        return repr(text)
    return text
