"""The command `lossterm` itself: its own options, the table of the others, and the app when none is named."""

from __future__ import annotations

import gc
import importlib
import os
import sys

import click

from .. import __version__
from ..text import in_browser
from .options import GlobalOptions, check_environment, device_option, global_options, store_option, trainers_option
from .streams import write_ascii

COMMANDS = (
    "run",
    "runs",
    "show",
    "compare",
    "stop",
    "resume",
    "note",
    "delete",
    "undelete",
    "export",
    "losses",
    "prune",
    "status",
    "datasets",
    "data",
    "devices",
    "bench",
)
_MODULES = {
    "runs": "history",
    "show": "history",
    "stop": "manage",
    "resume": "manage",
    "note": "history",
    "delete": "history",
    "undelete": "history",
    "prune": "manage",
    "status": "machine",
    "datasets": "data",
    "devices": "machine",
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are wanted."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order that the help shows."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command: `name` of the module it lives in."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"lossterm.cli.{_MODULES.get(cmd_name, cmd_name)}")
        command = getattr(module, cmd_name)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or refuse with the names that would have done."""
        if args and args[0] not in COMMANDS:
            ctx.fail(f"command: {args[0][:40]!r} is not known; choose one of {', '.join(COMMANDS)}")
        return super().resolve_command(ctx, args)


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@store_option
@device_option
@trainers_option
@click.option("--ascii", "ascii_only", is_flag=True, help="Show nothing but ASCII.")
@click.version_option(__version__, prog_name="lossterm", message="%(prog)s %(version)s")
@click.pass_context
def root(context: click.Context, ascii_only: bool) -> int | None:
    """Train Keras models, watch the curves live in the terminal, and compare losses.

    Without a command: open the app.
    """
    check_environment()
    if context.invoked_subcommand is not None:
        if ascii_only:
            write_ascii()
        return None
    return _open_app(global_options(context), ascii_only)


def _open_app(options: GlobalOptions, ascii_only: bool) -> int:
    if not in_browser():
        _check_terminal()
    os.environ.setdefault(
        "ESCDELAY", "50"
    )  # ms that Textual waits after escape for the rest of a key; its own 100 drags
    gc.disable()  # finds nothing in an import and takes its time; the app turns it on once its first screen stands
    from ..tui.app import run_app

    return run_app(options.store_path, options.device, ascii_only, options.trainers)


def _check_terminal() -> None:
    """Raise click.UsageError where the app cannot be shown."""
    if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):  # it paints on standard error
        raise click.UsageError("the app needs a terminal; to train without one: lossterm run --loss mse")
    if os.environ.get("TERM") in ("dumb", "unknown"):
        raise click.UsageError(
            f"this terminal (TERM={os.environ['TERM']}) cannot show the app; "
            "to train without it: lossterm run --loss mse"
        )
