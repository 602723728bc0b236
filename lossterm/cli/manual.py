"""The manual page, from the same words as `--help`: `python -m lossterm.cli.manual man/lossterm.1` writes it anew."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from .root import root

_WIDTH = 78
_ENVIRONMENT = {
    "LOSSTERM_STORE": "The file that holds the runs, like --store.",
    "LOSSTERM_IDLE": "Seconds after which a trainer with nothing to do and nobody watching ends (300).",
    "LOSSTERM_TRAINERS": "How many runs train at once at most, like --trainers.",
    "NO_COLOR": "Where it is set, nothing is coloured.",
}
_EXIT = {
    "0": "All runs finished.",
    "1": "A run failed, diverged or was interrupted, or output could not be written.",
    "2": "Bad usage; one line on standard error says what is wrong.",
}


def manual_page() -> str:
    """The manual page of `lossterm` and all its commands, in the man macros of troff."""
    context = _context(root, "lossterm", None)
    return "".join(f"{line}\n" for line in _page(context))


def _page(context: click.Context) -> Iterator[str]:
    first, _, more = (root.help or "").partition("\n\n")
    yield '.TH LOSSTERM 1 "" lossterm "User Commands"'
    yield from (".SH NAME", f"lossterm \\- {_text(_sentence(first)).rstrip('.')}")
    yield from (".SH SYNOPSIS", f".B lossterm\n{_text(_usage(root, context))}")
    yield ".SH DESCRIPTION"
    yield from _paragraphs(f"{first}\n\n{more}")
    yield ".SH OPTIONS"
    yield from _options(root, context)
    yield ".SH COMMANDS"
    for name in root.list_commands(context):
        command = root.get_command(context, name)
        if command is not None and not command.hidden:
            yield from _command(command, _context(command, name, context))
    yield ".SH EXIT STATUS"
    yield from _entries(_EXIT.items())
    yield ".SH ENVIRONMENT"
    yield from _entries(_ENVIRONMENT.items())


def _command(command: click.Command, context: click.Context) -> Iterator[str]:
    name = context.command_path.removeprefix("lossterm ")
    yield f".SS lossterm {_text(name)} {_text(_usage(command, context))}".rstrip()
    yield from _paragraphs(command.help or "")
    yield from _options(command, context)
    formatter = click.HelpFormatter(width=_WIDTH)
    command.format_epilog(context, formatter)
    listed = formatter.getvalue().strip("\n")
    if listed:
        yield from (".PP", ".nf", *map(_text, listed.splitlines()), ".fi")
    if isinstance(command, click.Group):
        for part in command.list_commands(context):
            inner = command.get_command(context, part)
            if inner is not None:
                yield from _command(inner, _context(inner, part, context))


def _context(command: click.Command, name: str, parent: click.Context | None) -> click.Context:
    return click.Context(command, parent, name, **command.context_settings)


def _usage(command: click.Command, context: click.Context) -> str:
    return " ".join(command.collect_usage_pieces(context))


def _options(command: click.Command, context: click.Context) -> Iterator[str]:
    records = (parameter.get_help_record(context) for parameter in command.get_params(context))
    yield from _entries(record for record in records if record is not None)


def _entries(entries: Iterable[tuple[str, str]]) -> Iterator[str]:
    for name, words in entries:
        yield from (".TP", f".B {_text(name)}", _text(_sentence(words)))


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in filter(None, map(_sentence, text.split("\n\n"))):
        yield from (".PP", _text(paragraph))


def _sentence(text: str) -> str:
    """A text in one line."""
    return " ".join(text.split())


def _text(text: str) -> str:
    """Text as troff shows it: what begins a request or an escape there is taken literally."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(manual_page(), encoding="utf-8")
