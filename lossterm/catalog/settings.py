"""What a setting of a run is: one row that validation, options, forms, columns, comparisons and exports read."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from ..parsing import real_number, whole_number
from .tasks import TaskName

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

    from .dataset import Dataset

_DEVICE = re.compile(r"auto|cpu|gpu|gpu:[0-9]{1,3}", re.ASCII)
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
    """The widths of the hidden layers, each from 1 to `most`; typed, one number is one layer."""

    most: int = 65_536

    @property
    def words(self) -> str:
        """The range of a width as a person reads it."""
        return Number(1, self.most, whole=True).words

    def read(self, value: object) -> tuple[int, ...]:
        """Read the widths. Raises ValueError with the allowed range."""
        width = Number(1, self.most, whole=True)
        if isinstance(value, (list, tuple)):
            return tuple(int(width.read(one)) for one in value)
        return (int(width.read(value)),)


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
        tasks: the tasks that it applies to; empty for all.
        compiled: whether it is part of the compiled program, so that another value compiles anew.
        compared: whether runs that differ in it are different configs; False for the seed and the device.
        field: the attribute of `RunConfig` that holds it, where that is not `name`.
    """

    name: str
    kind: Kind
    label: str
    short: str
    heading: str
    help: str
    metavar: str = "N"
    from_dataset: bool = False
    tasks: tuple[TaskName, ...] = ()
    compiled: bool = False
    compared: bool = True
    field: str = ""

    @property
    def flag(self) -> str:
        """The option of `lossterm run`."""
        return f"--{self.name.replace('_', '-')}"

    @property
    def attribute(self) -> str:
        """The attribute of `RunConfig` that holds it."""
        return self.field or self.name

    def applies_to(self, dataset: Dataset) -> bool:
        """Whether it means something on a dataset."""
        fits_task = not self.tasks or dataset.task.name in self.tasks
        return fits_task and (not self.from_dataset or self.attribute in dataset.defaults)

    def written(self, value: object) -> str:
        """A value as a person types it: a number without needless digits, widths joined by commas."""
        if isinstance(value, Sequence) and not isinstance(value, str):
            return ",".join(map(str, value))
        return f"{value:.12g}" if isinstance(value, float) else str(value)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Let pydantic check a field annotated with this row by the row's kind."""
        from pydantic_core import core_schema

        read: Callable[[Any], Any] = self.kind.read
        return core_schema.no_info_before_validator_function(read, handler(source))


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
