"""Texts to read: the help, which lists every key, and what a loss and a dataset are."""

from __future__ import annotations

from textual.markup import escape

from ...catalog import Dataset, Loss, all_notes, notes, output_layer, refusal
from ...experiments.baseline import BASELINE
from ...experiments.convergence import WITHIN_REACH
from ..keymap import GROUPS, KEYS, Key

_INTRO = (
    "Pick a loss and a dataset, press enter, and watch a Keras model train in a process of its own: it goes on "
    "when this window closes. Mark runs with space to lay them over one another; values of different losses are "
    "not comparable, so runs are compared on the metric that they share."
)
_COMPARISON = (
    "The marked runs are compared; with one mark, or none, the highlighted run is shown too. A loss has the same "
    "colour and glyph everywhere; a digit beside it tells runs of one loss apart, and takes turns with it on the "
    "curve. ★ is the best epoch of a run. Seeds of the same settings are one curve, their mean; with three or more "
    "such curves their spread is a bar at each glyph. A click on a row of the table isolates its curve."
)


def help_text() -> str:
    """The whole help as Textual markup."""
    parts = [_INTRO, ""]
    for group, title in GROUPS.items():
        parts.append(f"[b $accent]{title}[/]")
        parts += [_key_line(key) for key in KEYS if key.group == group]
        parts.append("")
    parts.append(
        "[b $accent]In a list[/]\n   [b]↑ ↓[/b]    Move; tab goes to the next list, shift+←/→ scrolls the runs.\n"
    )
    parts.append("[b $accent]In a comparison[/]")
    parts += [f"  {escape(text)}\n" for text in (_COMPARISON, WITHIN_REACH, BASELINE)]
    parts.append("[b $accent]Good to know[/]")
    parts += [f"  [b]{escape(note.short)}[/b]\n  {escape(note.more)}\n" for note in all_notes()]
    return "\n".join(parts)


def _key_line(key: Key) -> str:
    pad = " " * max(8 - len(key.shown), 0)
    return f"{pad}[b]{_literal(key.shown)}[/b]  {escape(key.help)}"


def _literal(key: str) -> str:
    """A key's name as markup; `escape` leaves a lone bracket, which would begin a tag here."""
    return key.replace("[", "\\[")


def about_text(loss: Loss, dataset: Dataset) -> str:
    """A loss, what it means on a dataset, and how that is made, as Textual markup; ASCII only."""
    return "\n".join([*_loss_lines(loss), *_here_lines(loss, dataset), "", *_dataset_lines(dataset)])


def _loss_lines(loss: Loss) -> list[str]:
    words = loss.description
    return [
        _heading(loss.title),
        f"[b]L = {escape(words.formula)}[/b]",
        "for a target y and an output p of the model",
        "",
        escape(words.paragraph),
        "",
        f"[b]Use it[/b] {escape(words.use)}",
        f"[b]Not[/b] {escape(words.avoid)}",
        f"[b]Keras:[/b] keras.losses.{escape(loss.keras_class)}" if loss.keras_class else "[b]Keras:[/b] not its own",
        "",
    ]


def _here_lines(loss: Loss, dataset: Dataset) -> list[str]:
    """The output layer and targets of the pairing and what to watch for, or why the two do not train."""
    reason = refusal(loss, dataset)
    if reason is not None:
        return [f"[b]On {escape(dataset.name)}:[/b] it does not train, for {escape(reason)}."]
    lines = [f"[b]On {escape(dataset.name)}:[/b] {escape(output_layer(loss, dataset).words)}."]
    return lines + [escape(note.more) for note in notes(loss, dataset)]


def _dataset_lines(dataset: Dataset) -> list[str]:
    words = dataset.description
    return [
        _heading(f"{dataset.name}, as it is by default"),
        f"[b]{escape(dataset.generator_call)}[/b]",
        "",
        escape(words.paragraph),
        "",
        f"[b]Prepared:[/b] {escape(dataset.preparation)}; {escape(dataset.split_words)}.",
        f"[b]Validation:[/b] {escape(dataset.validation_words)}.",
        f"[b]A good score:[/b] {escape(words.good_score)}",
        f"[b]To spoil it:[/b] {escape(words.corruption)}",
    ]


def _heading(text: str) -> str:
    return f"[b $accent]{escape(text)}[/]"
