"""A part of a script: its lines and the imports that they need; and how parts make a script."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ...text import one_line

_WIDTH = 100


class NoScriptError(Exception):
    """A run that no script can be written for; the message is one line."""


@dataclass
class Section:
    """One part of a script.

    Attributes:
        title: what it does, for the comment above it.
        lines: of code.
        imports: the lines that import what it needs.
    """

    title: str
    lines: list[str] = field(default_factory=list)
    imports: set[str] = field(default_factory=set)

    def add(self, *lines: str, imports: Iterable[str] = ()) -> None:
        """Add lines, and what they need."""
        self.lines += lines
        self.imports |= set(imports)


NUMPY = "import numpy as np"
KERAS = "import keras"
TENSORFLOW = "import tensorflow as tf"
SPLIT = "from sklearn.model_selection import train_test_split"
SCALER = "from sklearn.preprocessing import StandardScaler"


def comment(text: str) -> list[str]:
    """Words as lines of comment, harmless whatever they hold."""
    return textwrap.wrap(one_line(text), _WIDTH, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False)


def literal(value: object) -> str:
    """A value as Python writes it, words in double quotes where that needs no escapes."""
    if isinstance(value, (list, tuple)) and value:
        start, end = ("[", "]") if isinstance(value, list) else ("(", ",)" if len(value) == 1 else ")")
        return start + ", ".join(map(literal, value)) + end
    words = repr(value)
    return f'"{words[1:-1]}"' if isinstance(value, str) and '"' not in words and "\\" not in words else words


def listing(name: str, values: Sequence[object]) -> list[str]:
    """An assignment of a list, in as many lines as it takes."""
    words = ", ".join(map(literal, values))
    whole = f"{name} = [{words}]"
    if len(whole) <= _WIDTH:
        return [whole]
    lines, line = [], "   "
    for value in values:
        item = f" {literal(value)},"
        if len(line + item) > _WIDTH and line.strip():
            lines.append(line)
            line = "   "
        line += item
    return [f"{name} = [", *lines, line, "]"]


def call(start: str, arguments: Sequence[str], end: str = ")") -> list[str]:
    """A call in one line, or with an argument a line where that is too long."""
    whole = start + ", ".join(arguments) + end
    return [whole] if len(whole) <= _WIDTH else [start, *(f"    {argument}," for argument in arguments), end]


def rendered(header: Sequence[str], sections: Sequence[Section]) -> str:
    """A script: the header, the imports of all sections, and the sections."""
    lines = [*header, "", *_imports({line for section in sections for line in section.imports})]
    for section in sections:
        before = ["", ""] if section.lines[0].startswith(("def ", "class ")) else [""]
        lines += [*before, *comment(section.title), *section.lines]
    return "\n".join(lines) + "\n"


def _imports(lines: set[str]) -> list[str]:
    """Import lines in order: modules, then names out of modules, those of one module together."""
    modules = sorted(line for line in lines if line.startswith("import "))
    names: dict[str, set[str]] = {}
    for line in lines:
        if line.startswith("from "):
            module, _, words = line.removeprefix("from ").partition(" import ")
            names.setdefault(module, set()).update(word.strip() for word in words.split(","))
    return modules + [f"from {module} import {', '.join(sorted(found))}" for module, found in sorted(names.items())]
