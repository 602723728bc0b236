"""Standard streams that are closed, full, or read by somebody who left; terminals of impossible sizes."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from ..conftest import Program
    from ..terminal import Terminal

FULL = "lossterm: standard output cannot be written: No space left on device\n"
CLOSED = "lossterm: standard output is closed: nothing was printed\n"
COMMANDS = ("runs", "runs --json", "status", "show {id}", "export {id} --format csv --to -", "--help")


@pytest.fixture(scope="module")
def trained(shared: Program) -> int:
    """A finished run."""
    return int(shared.json("run", "--loss", "mse", "--epochs", 2)["id"])


def in_shell(program: Program, words: str, redirection: str) -> subprocess.CompletedProcess[str]:
    """Run a command line with a shell's redirections."""
    script = f"{shlex.join(program.command(*words.split()))} {redirection}; exit ${{PIPESTATUS[0]}}"
    return subprocess.run(["bash", "-c", script], capture_output=True, text=True, env=program.environment, timeout=60)


@pytest.mark.parametrize("words", COMMANDS)
@pytest.mark.parametrize(
    ("redirection", "code", "said"),
    [(">&-", 0, CLOSED), (">/dev/full", 1, FULL), (">&- 2>&-", 0, ""), (">/dev/full 2>&1", 1, "")],
)
def test_output_that_is_lost_is_said_in_a_line(
    shared: Program, trained: int, words: str, redirection: str, code: int, said: str
) -> None:
    done = in_shell(shared, words.format(id=trained), redirection)
    assert (done.returncode, done.stdout, done.stderr) == (code, "", said)


@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full", "<&-"])
def test_what_is_printed_does_not_need_the_other_streams(shared: Program, trained: int, redirection: str) -> None:
    done = in_shell(shared, "runs --json", redirection)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith('[{"id": ')


@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full"])
def test_a_refusal_that_cannot_be_said_has_its_code(shared: Program, redirection: str) -> None:
    assert in_shell(shared, "show 0", redirection).returncode == 2


@pytest.mark.parametrize("words", ["runs", "runs --json", "show {id}", "export {id} --format json --to -"])
def test_a_reader_that_leaves_is_no_fault(shared: Program, trained: int, words: str) -> None:
    done = in_shell(shared, words.format(id=trained), "| head -c 1")
    assert (done.returncode, done.stderr, len(done.stdout)) == (0, "", 1)


@pytest.mark.parametrize(("redirection", "code"), [(">&-", 0), (">/dev/full", 1), ("| true", 0), ("<&-", 0)])
def test_runs_are_followed_to_their_end_whoever_reads(shared: Program, redirection: str, code: int) -> None:
    done = in_shell(shared, "run --loss mse --loss mae --epochs 2", redirection)
    assert done.returncode == code
    assert done.stderr in ("", CLOSED, FULL)
    with shared.store() as store:
        assert [run.status for run in store.runs()[:2]] == ["finished", "finished"]


def test_a_run_that_diverges_ends_with_1_whoever_reads(shared: Program) -> None:
    words = "run --loss mse --learning-rate 100 --momentum 0.99 --epochs 200"
    for redirection in (">&-", "| true"):
        assert in_shell(shared, words, redirection).returncode == 1


@pytest.mark.parametrize("redirection", ["<&-", ">&-", "2>&-", "2>/dev/null"])
def test_the_app_needs_all_three(shared: Program, terminal: Callable[..., Terminal], redirection: str) -> None:
    script = f"{shlex.join(shared.command())} {redirection}; echo code $?"
    terminal(["bash", "-c", script], **shared.environment).until(lambda text: "code 2" in text, "the refusal")


@pytest.mark.parametrize("columns", ["99999999", "abc", "0", "-5", "５"])
def test_a_terminal_of_impossible_width_has_its_own(
    shared: Program, trained: int, terminal: Callable[..., Terminal], columns: str
) -> None:
    environment = {**shared.environment, "COLUMNS": columns, "LINES": columns}
    table = terminal(shared.command("runs"), size=(80, 2000), **environment)  # as high as the table
    assert table.ended() == 0
    (line,) = [line for line in table.screen.splitlines() if line.split()[:2] == [str(trained), "mse"]]
    assert line.rstrip().endswith("finished")


def test_the_app_in_a_terminal_of_impossible_width_has_its_own(
    shared: Program, terminal: Callable[..., Terminal]
) -> None:
    app = terminal(shared.command(), COLUMNS="99999999", LINES="99999999", **shared.environment)
    app.until(lambda text: "regression" in text, "the first screen")
    assert app.quit() == 0
