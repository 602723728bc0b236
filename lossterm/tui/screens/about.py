"""What is this loss? It and the dataset it trains on, in words."""

from __future__ import annotations

from textual.markup import escape

from ...catalog import Dataset, Loss, head, notes, refusal
from ...catalog.about import about_dataset, about_loss, generator_call, head_words, split_words


def about_text(loss: Loss, dataset: Dataset) -> str:
    """A loss, what it means on a dataset, and how that is made, as Textual markup; ASCII only."""
    return "\n".join([*_loss_lines(loss), *_here_lines(loss, dataset), "", *_dataset_lines(dataset)])


def _loss_lines(loss: Loss) -> list[str]:
    about = about_loss(loss)
    return [
        _heading(loss.title),
        f"[b]L = {escape(about.formula)}[/b]",
        "for a target y and an output p of the model",
        "",
        escape(about.paragraph),
        "",
        f"[b]Use it[/b] {escape(about.use)}",
        f"[b]Not[/b] {escape(about.avoid)}",
        f"[b]Keras:[/b] {escape(about.keras)}",
        "",
    ]


def _here_lines(loss: Loss, dataset: Dataset) -> list[str]:
    """The head and targets of the pairing and what to watch for, or why the two do not train."""
    reason = refusal(loss, dataset)
    if reason is not None:
        return [f"[b]On {escape(dataset.name)}:[/b] it does not train, for {escape(reason)}."]
    lines = [f"[b]On {escape(dataset.name)}:[/b] {escape(head_words(head(loss, dataset)))}."]
    return lines + [escape(note.more) for note in notes(loss, dataset.task)]


def _dataset_lines(dataset: Dataset) -> list[str]:
    about = about_dataset(dataset)
    return [
        _heading(f"{dataset.name}, as it is by default"),
        f"[b]{escape(generator_call(dataset))}[/b]",
        "",
        escape(about.paragraph),
        "",
        f"[b]Prepared:[/b] {escape(dataset.preparation)}; {escape(split_words(dataset))}.",
        f"[b]A good score:[/b] {escape(about.good)}",
        f"[b]To spoil it:[/b] {escape(about.spoiled)}",
    ]


def _heading(text: str) -> str:
    return f"[b $accent]{escape(text)}[/]"
