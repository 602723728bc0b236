"""The manual page: the one that is kept is the one that the commands' help makes, and troff has nothing against it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import click
import pytest

from lossterm.cli.manual import manual_page
from lossterm.cli.root import COMMANDS, root

KEPT = Path(__file__).parents[2] / "man" / "lossterm.1"


def test_the_kept_page_is_current() -> None:
    assert KEPT.read_text(encoding="utf-8") == manual_page(), (
        "the help has changed: python -m lossterm.cli.manual man/lossterm.1"
    )


def test_it_has_every_command_and_every_option() -> None:
    page = manual_page().replace("\\-", "-")
    context = click.Context(root)
    assert list(dict.fromkeys(re.findall(r"^\.SS lossterm (\w+)", page, re.MULTILINE))) == list(COMMANDS)
    assert re.findall(r"^\.SS lossterm data (\w+)", page, re.MULTILINE) == ["add", "list", "remove", "show"]
    for name in COMMANDS:
        command = root.get_command(context, name)
        assert command is not None
        section = page.partition(f".SS lossterm {name} ")[2].partition(".SS")[0]
        for parameter in command.params:
            for option in parameter.opts if isinstance(parameter, click.Option) else ():
                assert option in section, (name, option)


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not installed")
def test_troff_warns_of_nothing_and_shows_the_words() -> None:
    done = subprocess.run(
        ["groff", "-man", "-ww", "-Kutf8", "-Tascii", "-rLL=200n", str(KEPT)], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    plain = " ".join(re.sub(r"\x1b\[[0-9;]*m|.\x08", "", done.stdout).split())
    for words in ("Train Keras models, watch the curves live", "--learning-rate", "EXIT STATUS", "LOSSTERM_STORE"):
        assert words in plain
