"""Discovery of catalogue entries: one module an entry, found in its folder, looked up by any of its names."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Mapping, Sequence
from typing import Generic, Protocol, TypeVar


class Named(Protocol):
    """What every entry has: the names that it is found by, the one that is shown first."""

    @property
    def names(self) -> Sequence[str]:
        """All names, the one for people first."""


Entry = TypeVar("Entry", bound=Named)


class UnknownNameError(ValueError):
    """A name that no entry has; the message lists the names that would have done."""


class Registry(Generic[Entry]):
    """The entries of one kind, in order, found by name whatever the case; `-` and `_` are the same.

    Args:
        kind: what an entry is called in messages, such as "loss".
        entries: the entries in the order in which they are listed.
        left_out: names that a person may look for and that no entry has, each with the reason; it completes
            "NAME is left out: …".

    Raises:
        ValueError: if two entries share a name.
    """

    def __init__(self, kind: str, entries: Iterable[Entry], left_out: Mapping[str, str] | None = None):
        self.kind = kind
        self.entries: tuple[Entry, ...] = tuple(entries)
        self.left_out = dict(left_out or {})
        self._by_name: dict[str, Entry] = {}
        for entry in self.entries:
            for name in {_key(name) for name in entry.names}:
                if name in self._by_name:
                    raise ValueError(f"{kind}: two entries are named {name!r}")
                self._by_name[name] = entry

    def find(self, name: str) -> Entry:
        """Return the entry with this name.

        Raises:
            UnknownNameError: if there is none; the message lists the known names, and says why one is left out.
        """
        entry = self._by_name.get(_key(name))
        if entry is None:
            known = ", ".join(entry.names[0] for entry in self.entries)
            reason = self.left_out.get(_key(name))
            words = "is not known" if reason is None else f"is left out: {reason}"
            raise UnknownNameError(f"{self.kind}: {name[:40]!r} {words}; choose one of {known}")
        return entry


def discover(package: str, attribute: str) -> list[object]:
    """Import every module of a package and return their `attribute`, in alphabetical order of the modules.

    Args:
        package: the dotted name of the package.
        attribute: the name that each module gives its entry.

    Raises:
        AttributeError: if a module has no such attribute.
    """
    folder = importlib.import_module(package)
    names = sorted(module.name for module in pkgutil.iter_modules(folder.__path__))
    return [getattr(importlib.import_module(f"{package}.{name}"), attribute) for name in names]


def _key(name: str) -> str:
    return name.strip().lower().replace("-", "_")
