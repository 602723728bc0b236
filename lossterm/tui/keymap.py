"""The one table of keys: bindings, footer, command palette and help are all made from it.

A row names the pane that owns the action. To add a key, add a row here and a method `action_…` to that pane.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from textual.binding import Binding

from ..catalog import MENU_LOSSES

Owner = Literal["draft", "run", "runs-pane", "chart", "model-view", "screen", "app"]
"""Who carries an action out: the pane of this id, the main screen, or the app."""
Group = Literal["train", "runs", "chart", "view", "app"]

GROUPS: dict[Group, str] = {
    "train": "Choose and train",
    "runs": "Runs",
    "chart": "Chart",
    "view": "Model view",
    "app": "lossterm",
}


@dataclass(frozen=True)
class Key:
    """One thing that a person can do.

    Attributes:
        owner: Whose action it is.
        action: Its name, with its argument if it has one: `owner.action_<name>` is called.
        keys: As Textual names them.
        shown: The first of them, as a person reads it.
        label: A word or two for the footer.
        help: One sentence.
        group: Where the help lists it.
        footer: Its rank in the footer, None to leave it out; the greatest go first where there is no room.
        where: Where the keys must go for it: to the runs, to anything but the runs, or anywhere.
        brief: A shorter label for narrow terminals; `label` where left out.
    """

    owner: Owner
    action: str
    keys: tuple[str, ...]
    shown: str
    label: str
    help: str
    group: Group
    footer: int | None = None
    brief: str = ""
    where: Literal["", "runs", "elsewhere"] = ""

    @property
    def bindings(self) -> list[Binding]:
        """Textual's bindings for the main screen, each with an id of its own so that it can be remapped."""
        action = f"app.{self.action}" if self.owner == "app" else f"perform({self.owner!r}, {self.action!r})"
        name = f"{self.owner}.{self.action}"
        return [
            Binding(key, action, self.label, show=False, key_display=self.shown, id=f"{name}:{key}")
            for key in self.keys
        ]


DIGITS = 9
"""So many of the menu's losses have a digit, those that were added among them."""


def _losses() -> tuple[Key, ...]:
    return tuple(
        Key(
            "draft",
            f"pick_loss('{loss.name}')",
            (str(digit),),
            str(digit),
            loss.short,
            f"Pick {loss.title} (the tutorial trains it on {loss.default_dataset}).",
            "train",
        )
        for digit, loss in enumerate(MENU_LOSSES[:DIGITS], start=1)
    )


def _added_losses() -> tuple[Key, ...]:
    digits = range(len(MENU_LOSSES) + 1, DIGITS + 1)
    return tuple(
        Key(
            "draft",
            f"pick_added({number})",
            (str(digit),),
            str(digit),
            "added loss",
            "Pick a loss that you added.",
            "train",
        )
        for number, digit in enumerate(digits)
    )


KEYS: tuple[Key, ...] = (
    *_losses(),
    *_added_losses(),
    Key(
        "draft",
        "more_losses",
        ("plus",),
        "+",
        "more losses",
        "Pick any loss there is, or one of your own; keep it in the menu.",
        "train",
        10,
        "more",
    ),
    Key(
        "draft",
        "next_dataset",
        ("d",),
        "d",
        "dataset",
        "Move to the next dataset that fits the loss.",
        "train",
        2,
        "data",
    ),
    Key(
        "draft",
        "more_datasets",
        ("M",),
        "M",
        "more datasets",
        "Pick any dataset there is; keep it in the menu.",
        "train",
    ),
    Key("draft", "data_file", ("F",), "F", "data file", "Train on a file of your own: CSV, Parquet or .npz.", "train"),
    Key(
        "draft",
        "train",
        ("enter",),
        "enter",
        "train",
        "Train what was picked: a digit, d and a changed setting lead here.",
        "train",
        0,
        where="elsewhere",
    ),
    Key(
        "draft",
        "train_all",
        ("a",),
        "a",
        "all losses",
        "Train every loss that fits the dataset, to compare.",
        "train",
        3,
        "all",
    ),
    Key(
        "draft",
        "compare",
        ("A",),
        "A",
        "compare",
        "Compare losses over seeds, each with its best learning rate, and test every pair.",
        "train",
        12,
        "comp",
    ),
    Key(
        "draft",
        "settings",
        ("s",),
        "s",
        "settings",
        "Change epochs, learning rate, seed, the dataset's size …",
        "train",
        4,
        "set",
    ),
    Key("run", "reuse", ("e",), "e", "edit & rerun", "Fill the settings from the highlighted run.", "train", 14),
    Key(
        "runs-pane",
        "open",
        (),
        "enter",
        "open",
        "In the runs: the page of a run; open an experiment and compare its runs, or close it.",
        "runs",
        0,
        where="runs",
    ),
    Key("runs-pane", "reopen", ("h",), "h", "last comparison", "Mark the runs again that were compared last.", "runs"),
    Key(
        "runs-pane",
        "mark",
        ("space",),
        "space",
        "mark",
        "Mark a run or all of an experiment, or unmark: marked runs are compared, a single one with the highlighted.",
        "runs",
        4,
    ),
    Key("runs-pane", "mark_all", ("asterisk",), "*", "mark all", "Mark every run in the table, or unmark all.", "runs"),
    Key("run", "pause", ("p",), "p", "pause", "Pause the highlighted run after its epoch, or let it go on.", "runs", 6),
    Key("run", "stop", ("x",), "x", "stop", "Stop the highlighted run after its epoch; its epochs stay.", "runs", 5),
    Key("run", "resume", ("r",), "r", "resume", "Let a paused, stopped or interrupted run go on.", "runs", 13),
    Key("run", "kill_trainer", ("K",), "K", "kill", "Kill the run's trainer if it hangs; asks first.", "runs"),
    Key("runs-pane", "sort", ("t",), "t", "sort", "Sort the runs by the next column.", "runs", 11),
    Key("runs-pane", "reverse", ("T",), "T", "reverse", "Turn the order of the runs round.", "runs"),
    Key(
        "runs-pane",
        "filter",
        ("slash",),
        "/",
        "filter",
        "Filter the runs: words, or in a column seed:3 loss:mse status:finished note:…",
        "runs",
        10,
    ),
    Key("run", "pin", ("P",), "P", "pin", "Pin the highlighted run to the top, or let it go.", "runs"),
    Key("run", "annotate", ("n",), "n", "note", "Write a note on the run, or name the experiment.", "runs"),
    Key(
        "runs-pane",
        "delete",
        ("delete", "D"),
        "D",
        "delete",
        "Delete the run, the marked ones or the experiment; asks about several.",
        "runs",
    ),
    Key("runs-pane", "undo", ("u",), "u", "undo", "Bring back what was deleted last.", "runs"),
    Key("run", "log", ("L",), "L", "log", "Show the log of the highlighted run's trainer.", "runs"),
    Key("chart", "quantity", ("m",), "m", "loss/metric", "Switch the chart between loss and metric.", "chart", 9),
    Key("chart", "log_axis", ("l",), "l", "log", "Switch the y axis between linear and logarithmic.", "chart", 9),
    Key("chart", "fit", ("f",), "f", "fit y", "Fit the y axis to where the curves end, or to all of them.", "chart", 9),
    Key(
        "chart",
        "isolate",
        ("S",),
        "S",
        "one curve",
        "Isolate one curve of a comparison, the best first; after the last none.",
        "chart",
    ),
    Key("chart", "conclusion", ("w",), "w", "conclusion", "Read all that a comparison says.", "chart"),
    Key("chart", "smooth(1)", ("right_square_bracket",), "]", "smoother", "Smooth the curves more.", "chart"),
    Key("chart", "smooth(-1)", ("left_square_bracket",), "[", "rougher", "Smooth the curves less.", "chart"),
    Key("chart", "zoom(1)", ("equals_sign",), "=", "zoom in", "Show fewer epochs.", "chart"),
    Key("chart", "zoom(-1)", ("minus",), "-", "zoom out", "Show more epochs.", "chart"),
    Key("chart", "zoom_reset", ("0",), "0", "all epochs", "Show all epochs again.", "chart"),
    Key(
        "chart",
        "sideways(-1)",
        ("left",),
        "←",
        "earlier",
        "Move the window, or the crosshair, to earlier epochs.",
        "chart",
    ),
    Key(
        "chart", "sideways(1)", ("right",), "→", "later", "Move the window, or the crosshair, to later epochs.", "chart"
    ),
    Key("chart", "crosshair", ("c",), "c", "crosshair", "Read every curve's exact value at one epoch.", "chart", 9),
    Key(
        "chart",
        "band",
        ("b",),
        "b",
        "band",
        "Seeds as mean ± sd, as mean and range, or each run.",
        "chart",
    ),
    Key("screen", "zoom_pane", ("z",), "z", "full screen", "Show one pane on the whole screen, and back.", "chart"),
    Key(
        "model-view",
        "view",
        ("v",),
        "v",
        "model view",
        "The model's boundary or fit, the loss as a function, where it errs, or none.",
        "view",
        8,
        "view",
    ),
    Key("draft", "step_parameter(-1)", ("less_than_sign",), "<", "less", "Lower the loss's parameter.", "view"),
    Key("draft", "step_parameter(1)", ("greater_than_sign",), ">", "more", "Raise the loss's parameter.", "view"),
    Key("model-view", "scrub(-1)", ("comma",), ",", "earlier", "See the model as it was some epochs earlier.", "view"),
    Key(
        "model-view",
        "scrub(1)",
        ("full_stop",),
        ".",
        "later",
        "See the model some epochs later, at the end as it is.",
        "view",
    ),
    Key(
        "model-view",
        "play",
        ("o",),
        "o",
        "play",
        "Play the run from its first epoch to its last, or stop there.",
        "view",
        15,
    ),
    Key(
        "screen",
        "about",
        ("i",),
        "i",
        "this loss",
        "What the loss is, when to use it, and how the dataset is made.",
        "view",
        15,
    ),
    Key(
        "draft",
        "presets",
        ("X",),
        "X",
        "presets",
        "Train an experiment that shows what a loss is good or bad at.",
        "train",
        8,
    ),
    Key("app", "help", ("question_mark",), "?", "help", "Show this.", "app", 1),
    Key(
        "runs-pane",
        "export",
        ("E",),
        "E",
        "export",
        "Write the run, the marked ones or the experiment to a file.",
        "app",
    ),
    Key("app", "save_picture", ("ctrl+s",), "ctrl+s", "picture", "Save the screen as an SVG picture.", "app"),
    Key("app", "suspend_process", ("ctrl+z",), "ctrl+z", "shell", "Back to the shell; fg returns here.", "app"),
    Key("app", "quit", ("q", "ctrl+c", "ctrl+q"), "q", "quit", "Leave; asks first while something trains.", "app", 1),
)

BINDINGS: list[Binding] = [binding for key in KEYS for binding in key.bindings]

WIDE = 100
"""From so many columns on labels are not shortened."""


def footer_keys(width: int, in_runs: bool = False, enter: str = "") -> list[tuple[str, str]]:
    """The keys that fit in the footer.

    Args:
        width: Cells.
        in_runs: Whether the keys go to the table of runs.
        enter: What Enter does now; empty for what it does in general.

    Returns:
        (key, label) pairs in the table's order; the most important are kept.
    """
    digits = (f"1-{min(len(MENU_LOSSES), DIGITS)}", "loss")
    labels = {key.action: (key.brief or key.label) if width < WIDE else key.label for key in KEYS}
    labels |= {key.action: enter for key in KEYS if enter and key.shown == "enter"}
    absent = "elsewhere" if in_runs else "runs"
    shown = [key for key in KEYS if key.footer is not None and key.where != absent]
    ranked = sorted(shown, key=lambda key: key.footer or 0)
    room = width - _cells(*digits)
    kept = set()
    for key in ranked:
        room -= _cells(key.shown, labels[key.action])
        if room < 0:
            break
        kept.add(key.action)
    return [digits, *((key.shown, labels[key.action]) for key in shown if key.action in kept)]


def _cells(key: str, label: str) -> int:
    return len(key) + len(label) + 2
