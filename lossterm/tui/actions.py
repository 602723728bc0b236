"""The one table of actions: keys, footer, command palette and help are all made from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from textual.binding import Binding

from ..catalog import LOSSES

Group = Literal["train", "runs", "chart", "view", "app"]

GROUPS: dict[Group, str] = {
    "train": "Choose and train",
    "runs": "Runs",
    "chart": "Chart",
    "view": "Model view",
    "app": "lossterm",
}


@dataclass(frozen=True)
class Action:
    """One thing that a person can do.

    name: the Textual action, `action_<name>` on the main screen (`app.<name>`: on the app), with its argument.
    keys: as Textual names them, the first is the one shown. shown: the key as a person reads it.
    label: a word or two for the footer; brief: a shorter one for narrow terminals. help: one sentence.
    footer: its rank there, None to leave it out; higher numbers go first where there is no room.
    """

    name: str
    keys: tuple[str, ...]
    shown: str
    label: str
    help: str
    group: Group
    footer: int | None = None
    brief: str = ""

    @property
    def bindings(self) -> list[Binding]:
        """Textual's bindings, each with an id of its own so that it can be remapped."""
        return [
            Binding(key, self.name, self.label, show=False, key_display=self.shown, id=f"{self.name}:{key}")
            for key in self.keys
        ]


def _losses() -> tuple[Action, ...]:
    return tuple(
        Action(
            f"pick_loss('{loss.name}')",
            (str(digit),),
            str(digit),
            loss.short,
            f"Pick {loss.title} (the tutorial trains it on {loss.home}).",
            "train",
        )
        for digit, loss in enumerate(LOSSES, start=1)
    )


ACTIONS: tuple[Action, ...] = (
    *_losses(),
    Action("next_dataset", ("d",), "d", "dataset", "Move to the next dataset that fits the loss.", "train", 2, "data"),
    Action("train", ("enter",), "enter", "train", "Train the chosen loss on the chosen dataset.", "train", 0),
    Action(
        "train_all", ("a",), "a", "all losses", "Train every loss that fits the dataset, to compare.", "train", 3, "all"
    ),
    Action("train_seeds", ("A",), "A", "seeds", "The same over several seeds: asks how many.", "train", 12),
    Action(
        "settings",
        ("s",),
        "s",
        "settings",
        "Change epochs, learning rate, seed, the dataset's size …",
        "train",
        7,
        "set",
    ),
    Action("reuse", ("e",), "e", "edit & rerun", "Fill the settings from the highlighted run.", "train", 14),
    Action("mark", ("space",), "space", "mark", "Mark the highlighted run for the overlay, or unmark it.", "runs", 4),
    Action("mark_all", ("asterisk",), "*", "mark all", "Mark every run in the table, or unmark all.", "runs"),
    Action("pause", ("p",), "p", "pause", "Pause the highlighted run after its epoch, or let it go on.", "runs", 5),
    Action("stop", ("x",), "x", "stop", "Stop the highlighted run after its epoch; its epochs stay.", "runs", 6),
    Action("resume", ("r",), "r", "resume", "Let a paused, stopped or interrupted run go on.", "runs", 13),
    Action("kill_trainer", ("K",), "K", "kill", "Kill the run's trainer if it hangs; r resumes the run.", "runs"),
    Action("sort", ("t",), "t", "sort", "Sort the runs by the next column.", "runs", 11),
    Action("sort_back", ("T",), "T", "reverse", "Turn the order of the runs round.", "runs"),
    Action("filter", ("slash",), "/", "filter", "Filter the runs by typing: loss, dataset, status, note …", "runs", 10),
    Action("pin", ("P",), "P", "pin", "Pin the highlighted run to the top, or let it go.", "runs"),
    Action("annotate", ("n",), "n", "note", "Write a note on the highlighted run.", "runs"),
    Action("delete", ("delete", "D"), "D", "delete", "Delete the highlighted run, or all marked ones.", "runs"),
    Action("undo", ("u",), "u", "undo", "Bring back what was deleted last.", "runs"),
    Action("log", ("L",), "L", "log", "Show the log of the highlighted run's trainer.", "runs"),
    Action("quantity", ("m",), "m", "loss/metric", "Switch the chart between loss and metric.", "chart", 9),
    Action("log_axis", ("l",), "l", "log", "Switch the y axis between linear and logarithmic.", "chart", 9),
    Action("smooth_more", ("right_square_bracket",), "]", "smoother", "Smooth the curves more.", "chart"),
    Action("smooth_less", ("left_square_bracket",), "[", "rougher", "Smooth the curves less.", "chart"),
    Action("zoom_in", ("plus", "equals_sign"), "+", "zoom in", "Show fewer epochs.", "chart"),
    Action("zoom_out", ("minus",), "-", "zoom out", "Show more epochs.", "chart"),
    Action("zoom_reset", ("0",), "0", "all epochs", "Show all epochs again.", "chart"),
    Action("pan_left", ("left",), "←", "earlier", "Move the window, or the crosshair, to earlier epochs.", "chart"),
    Action("pan_right", ("right",), "→", "later", "Move the window, or the crosshair, to later epochs.", "chart"),
    Action("crosshair", ("c",), "c", "crosshair", "Read every curve's exact value at one epoch.", "chart", 9),
    Action("band", ("b",), "b", "band", "Band over seeds: least to greatest, ± 1 sd, or each run.", "chart"),
    Action("zoom_pane", ("z",), "z", "full screen", "Show one pane on the whole screen, and back.", "chart"),
    Action(
        "view",
        ("v",),
        "v",
        "model view",
        "The model's boundary or fit, the loss as a function, or neither.",
        "view",
        8,
        "view",
    ),
    Action("scrub(-1)", ("comma",), ",", "earlier", "See the model as it was some epochs earlier.", "view"),
    Action("scrub(1)", ("full_stop",), ".", "later", "See the model some epochs later, at the end as it is.", "view"),
    Action("play", ("o",), "o", "play", "Play the run from its first epoch to its last, or stop there.", "view", 15),
    Action(
        "about", ("i",), "i", "this loss", "What the loss is, when to use it, and how the dataset is made.", "view", 15
    ),
    Action(
        "presets", ("g",), "g", "presets", "Train an experiment that shows what a loss is good or bad at.", "train", 8
    ),
    Action("help", ("question_mark",), "?", "help", "Show this.", "app", 1),
    Action("export", ("E",), "E", "export", "Write the highlighted or marked runs to a file.", "app"),
    Action("picture", ("ctrl+s",), "ctrl+s", "picture", "Save the screen as an SVG picture.", "app"),
    Action("app.suspend_process", ("ctrl+z",), "ctrl+z", "shell", "Back to the shell; fg returns here.", "app"),
    Action("app.quit", ("q", "ctrl+c", "ctrl+q"), "q", "quit", "Leave; asks first while something trains.", "app", 1),
)

_WIDE = 100

BINDINGS: list[Binding] = [binding for action in ACTIONS for binding in action.bindings]


def footer_actions(width: int) -> list[tuple[str, str]]:
    """The (key, label) pairs that fit in `width` cells, most important kept, in the table's order."""
    digits = (f"1-{len(LOSSES)}", "loss")
    labels = {a.name: (a.brief or a.label) if width < _WIDE else a.label for a in ACTIONS}
    ranked = sorted((a for a in ACTIONS if a.footer is not None), key=lambda a: a.footer or 0)
    room = width - _cells(*digits)
    kept = set()
    for action in ranked:
        room -= _cells(action.shown, labels[action.name])
        if room < 0:
            break
        kept.add(action.name)
    return [digits, *((a.shown, labels[a.name]) for a in ACTIONS if a.name in kept)]


def _cells(key: str, label: str) -> int:
    return len(key) + len(label) + 2
