"""What a terminal can throw at the app: storms of sizes, huge pastes, garbage for keys and for the mouse.

Afterwards the screen is as it would be without, and the app answers.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Iterator
from pathlib import Path

from lossterm.config import RunConfig
from lossterm.store import Store
from lossterm.tui.key_input import Guard

from ..conftest import wait_for
from ..terminal import PROGRAM, Terminal

Start = Callable[..., Terminal]
PASTE = 1_000_000


def app(store: Path) -> list[str]:
    return [*PROGRAM, "--store", str(store)]


def opened(terminal: Start, store: Path) -> Terminal:
    screen = terminal(app(store))
    screen.until(lambda text: "ready" in text and "q quit" in text, "the app")
    return screen


def answers(screen: Terminal) -> None:
    """Whatever is open is closed by an escape; then a key does what it does: it picks another loss than the present."""
    key, mark = ("4", "▸4 bce") if "▸5 hinge" in screen.read() else ("5", "▸5 hinge")
    screen.insist(["\x1b", key], lambda text: mark in text and "q quit" in text, mark)
    assert screen.process.poll() is None


def statuses(store: Path) -> dict[int, str]:
    with Store(store) as opened_store:
        return {run.id: run.status for run in opened_store.runs()}


@contextlib.contextmanager
def live(path: Path) -> Iterator[int]:
    """A run that trains meanwhile."""
    with Store(path) as store:
        (run_id,) = store.queue([RunConfig.of("bce", epochs=1_000_000)])
        wait_for(lambda: store.run(run_id).epochs_done, what="the first epochs")
        yield run_id
        assert store.run(run_id).status == "running"
        store.stop(run_id)
        wait_for(lambda: store.run(run_id).status == "stopped", what="its end")


def around_the_chart(screen: Terminal) -> list[str]:
    """The screen but for the chart, whose axes hold still where a fresh one chooses them anew."""
    lines = screen.read().splitlines()
    table = next(number for number, line in enumerate(lines) if line.startswith("─Runs"))
    return [lines[0], *(line[:33] for line in lines[1:table]), *lines[table:]]


def test_a_storm_of_sizes_while_a_run_is_live(terminal: Start, trained_store: Path) -> None:
    screen = opened(terminal, trained_store)
    sizes = random.Random(1)
    extremes = [(1, 1), (400, 120), (1, 120), (400, 1), (2, 2), (60, 16), (59, 16), (60, 15)]
    with live(trained_store):
        for number in range(80):
            width, height = extremes[number] if number < len(extremes) else (0, 0)
            screen.resize(width or sizes.randint(1, 400), height or sizes.randint(1, 120))
            screen.skip(0.02)
            assert screen.process.poll() is None
        screen.resize(140, 40)
        screen.until(lambda text: "q quit" in text and "epoch" in text, "the whole screen")
    screen.until(lambda text: "stopped at" in text, "the end of the run")
    answers(screen)
    fresh = opened(terminal, trained_store)
    fresh.until(lambda text: "stopped at" in text, "the history")
    chosen = next(line.split()[0] for line in screen.read().splitlines() if line.startswith("▸"))  # kept over a start
    fresh.press(chosen[1:])
    fresh.until(lambda text: chosen in text and "q quit" in text, "the same loss")
    assert around_the_chart(screen) == around_the_chart(fresh), "the same screen as a fresh app's"


def pasted(text: bytes) -> bytes:
    return b"\x1b[200~" + text + b"\x1b[201~"


def test_a_paste_into_nowhere_does_nothing(terminal: Start, trained_store: Path) -> None:
    """A line, lines, and keys."""
    before = statuses(trained_store)
    screen = opened(terminal, trained_store)
    for text in (b"a", b"7\r\n", b"q\x03\x1b[Aa\r"):
        screen.pour(pasted(text * (PASTE // len(text))))
        answers(screen)
        assert statuses(trained_store) == before, text


def test_a_paste_into_the_filter(terminal: Start, trained_store: Path) -> None:
    screen = opened(terminal, trained_store)
    screen.press("/")
    screen.until(lambda text: "filter: words" in text, "the filter")
    screen.pour(pasted(b"hinge " * (PASTE // 6)))
    screen.until(lambda text: "hinge hinge" in text, "the words")
    answers(screen)


def test_a_paste_into_a_setting(terminal: Start, trained_store: Path) -> None:
    screen = opened(terminal, trained_store)
    screen.press("s")
    screen.until(lambda text: "Settings ·" in text, "the settings")
    screen.pour(pasted(b"7" * PASTE))
    screen.until(lambda text: "a whole number from 1 to 1,000,000" in text, "the reason")
    screen.press("\r")
    assert "Settings ·" in screen.read(), "it is not taken"
    answers(screen)


def test_a_paste_is_cut_anywhere() -> None:
    """Its escapes go, its marks stay, wherever the pieces end that the terminal sends it in."""
    typed = "a\x1b[A\x1b[200~x\x1b[By\x1b\x1b[201~b\x1b[200~\x1b[201~\x1b[C\x1b"
    wanted = "a\x1b[A\x1b[200~x[By\x1b[201~b\x1b[200~\x1b[201~\x1b[C\x1b"
    for first in range(len(typed)):
        for second in range(first, len(typed)):
            guard = Guard()
            pieces = typed[:first], typed[first:second], typed[second:]
            assert "".join(guard.feed(piece) for piece in pieces) == wanted, pieces


def test_late_answers_of_the_terminal_are_no_keys() -> None:
    answers = "\x1b]11;rgb:ff/00/ff\x1b\\\x1b]4;1;red\x07\x1bP1$r0m\x1b\\\x1b_Gi=1\x1b\\"
    assert Guard().feed(f"a{answers}b\x1b]c") == "ab\x1b]c", "alt and ] is a key"


GARBAGE = {
    "no UTF-8": b"\xff\xfe\xc3\x28\xf0\x9f\x80",
    "unfinished UTF-8": b"\xe2\x82",
    "other planes": "𝔘🏳️‍🌈\u202e\u0000\ud7ff".encode(),
    "keys of other terminals": b"\x1b[999~\x1b[1;99Z\x1bOz\x1b[57399;9u\x1b[27;9;999~\x1b[[E\x1b[24;8~",
    "reports nobody asked for": b"\x1b]11;rgb:ff/00/ff\x1b\\\x1b[?62;22c\x1b[12;34R\x1b[?2026;99$y\x1bP1$r0m\x1b\\",
    "numbers beyond measure": b"\x1b[<" + b"9" * 400 + b";1;1M\x1b[" + b"8" * 400 + b"~",
    "half a report": b"\x1b[<0;5",
    "sizes nobody asked for": b"\x1b[48;0;0;0;0t\x1b[48;-1;x;;t\x1b[48;40;140;800;1400t",
}


def test_garbage_for_keys(terminal: Start, trained_store: Path) -> None:
    before = statuses(trained_store)
    screen = opened(terminal, trained_store)
    for name, garbage in GARBAGE.items():
        screen.pour(garbage * 5)
        answers(screen)
        assert statuses(trained_store) == before, name


def test_any_bytes_but_the_keys_that_mean_something(terminal: Start, trained_store: Path) -> None:
    """Without letters and digits, and without the control keys that leave, suspend, train or save."""
    meaning = set(b"\x03\x04\x10\x11\x13\x1a\x1c\r\n\t") | set(range(32, 127))
    noise = random.Random(3)
    screen = opened(terminal, trained_store)
    screen.pour(bytes(b for b in noise.randbytes(20_000) if b not in meaning))
    answers(screen)


def test_mouse_noise_while_a_run_is_live(terminal: Start, trained_store: Path) -> None:
    """Thousands of reports: every button, on and off the screen; clicks everywhere."""
    screen = opened(terminal, trained_store)
    noise = random.Random(2)
    with live(trained_store):
        for _ in range(2):
            reports = []
            for _ in range(1000):
                button = noise.choice([0, 1, 2, 3, 32, 34, 35, 64, 65, 66, 67, 128, 129, 255])
                x, y = noise.choice([(noise.randint(1, 140), noise.randint(1, 40)), (0, 0), (9999, 9999), (-5, 3)])
                reports.append(f"\x1b[<{button};{x};{y}{noise.choice('Mm')}")
            for x in range(1, 140, 3):
                y = noise.randint(1, 40)
                reports += [f"\x1b[<0;{x};{y}M", f"\x1b[<0;{x};{y}m"]
            screen.pour("".join(reports).encode())
            assert screen.process.poll() is None
        answers(screen)


def stty(folder: Path, screen: Terminal, name: str) -> str:
    """What the shell's `stty -a` says now; `name` is for this once."""
    screen.press(f"stty -a > {folder}/{name}; echo sa''id {name}\r")
    screen.until(lambda text: f"said {name}" in text, "the shell's answer")
    return (folder / name).read_text()


def test_ctrl_z_gives_the_shell_its_terminal_and_fg_brings_the_app_back(
    terminal: Start, trained_store: Path, tmp_path: Path
) -> None:
    """Twice, while a run trains on; nothing of it is missing afterwards."""
    screen = terminal(["sh", "-i"])
    before = stty(tmp_path, screen, "before")
    screen.press("clear\r")
    screen.pour(f"{' '.join(app(trained_store))}\r".encode())
    screen.until(lambda text: "ready" in text and "q quit" in text, "the app")
    with live(trained_store) as run_id, Store(trained_store) as store:
        for number in range(2):
            screen.press("\x1a")
            screen.until(lambda text: "Stopped" in text, "the shell")
            assert stty(tmp_path, screen, f"while{number}") == before
            assert screen.left_on == set()
            epoch = store.run(run_id).epochs_done
            wait_for(lambda: store.run(run_id).epochs_done > epoch + 100, what="training goes on")  # noqa: B023
            screen.press("fg\r")
            screen.until(lambda text: "q quit" in text and "Stopped" not in text, "the app")
            answers(screen)
    screen.until(lambda text: "stopped at" in text, "the end of the run")
    screen.press("q")
    screen.until(lambda _: not screen.left_on, "the shell")
    screen.press("echo le''ft $?\r")
    screen.until(lambda text: "left 0" in text, "the app's exit code")
    assert stty(tmp_path, screen, "after") == before
    screen.press("exit\r")
    assert screen.ended() == 0
    assert screen.is_as_it_was()
