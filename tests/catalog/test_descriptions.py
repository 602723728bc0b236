"""What is said of each loss and dataset is short, and true to the catalogue, Keras and scikit-learn."""

from __future__ import annotations

import inspect
import re
import textwrap
from dataclasses import astuple, replace
from typing import Any

import numpy as np
import pytest
from textual.content import Content

from lossterm.catalog import (
    DATASETS,
    LOSSES,
    Dataset,
    Loss,
    dataset_named,
    loss_named,
    notes,
    output_layer,
    pairings,
    refusal,
)
from lossterm.catalog.tasks import OUTLIER
from lossterm.config import RunConfig
from lossterm.trainer import data
from lossterm.tui.screens.reference import about_text

each_loss = pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.short)
each_dataset = pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.name)


def words(*texts: str) -> int:
    return sum(len(text.split()) for text in texts)


def read(loss: Loss, dataset: Dataset) -> str:
    """The text as it is read, without its markup and with single spaces."""
    return " ".join(Content.from_markup(about_text(loss, dataset)).plain.split())


# -- losses ---------------------------------------------------------------------------------------------------


@each_loss
def test_every_loss_has_words_to_read_in_half_a_minute(loss: Loss) -> None:
    about = loss.description
    assert all(astuple(about))
    assert 50 <= words(about.formula, about.paragraph, about.use, about.avoid) <= 120


@each_loss
def test_sentences_end(loss: Loss) -> None:
    about = loss.description
    assert [text for text in (about.paragraph, about.use, about.avoid) if not text.endswith(".")] == []


@each_loss
def test_the_formula_as_printed_is_the_loss(loss: Loss) -> None:
    y, p = (np.array([1.0, -1.0]), np.array([0.4, -0.9])) if "tanh" in _activations(loss) else _probabilities(loss)
    names: dict[str, Any] = {"y": y, "p": p, "mean": np.mean, "sum": np.sum, "log": np.log, "abs": np.abs}
    names |= {"max": _greatest, "min": np.minimum, "cosh": np.cosh, "norm": np.linalg.norm}
    names |= {**{one.name: one.default for one in loss.parameters}}
    formula, *others = re.split(r", (?=\w+ =)", loss.description.formula)
    for name, _, source in (one.partition(" = ") for one in others if not one.startswith("y =")):
        names[name] = _evaluated(source, names)
    printed = _evaluated(formula, names)
    assert printed == pytest.approx(loss.value(y[None], p[None])[0], abs=1e-5)


def _activations(loss: Loss) -> set[str]:
    return {coding.activation for coding in loss.outputs.values()}


def _greatest(*values: Any) -> Any:
    """The greatest of one array's elements, or of two values place by place."""
    return np.max(values[0]) if len(values) == 1 else np.maximum(*values)


def _evaluated(formula: str, names: dict[str, Any]) -> Any:
    """The value of a formula as it is printed: |x|, x^2, and no sign between factors."""
    source = re.sub(r"\|([^|]*)\|", r"abs(\1)", formula).replace("^", "**")
    source = re.sub(r"(?<=[\w)]) (?=[\w(])", " * ", source)
    return eval(source, {"__builtins__": {}}, names)


def _probabilities(loss: Loss) -> tuple[np.ndarray, np.ndarray]:
    """Two distributions; soft targets, so that y log(y / p) and -y log(p) differ."""
    return np.array([0.7, 0.3]), np.array([0.4, 0.6])


@pytest.mark.keras
@each_loss
def test_keras_documents_the_loss_under_that_name(loss: Loss) -> None:
    import keras

    found: Any = getattr(keras.losses, loss.keras_class)
    assert inspect.isclass(found)
    made: Any = found()
    assert made.fn.__name__ == loss.name
    taken = inspect.signature(found).parameters
    assert {one.name: taken[one.name].default for one in loss.parameters} == {
        one.name: one.default for one in loss.parameters
    }


def test_what_is_said_in_numbers_is_so() -> None:
    def one(name: str, y: float, p: float) -> float:
        return float(loss_named(name).value(np.array([[y]]), np.array([[p]]))[0])

    assert one("mse", 0, 2) == 4 * one("mse", 0, 1)
    assert one("msle", 100, 200) == pytest.approx(one("msle", 1000, 2000), rel=0.02)
    assert one("msle", 100, 90) > one("msle", 100, 110)
    assert one("msle", 1, -5) == one("msle", 1, -1) == one("msle", 1, 1e-7)
    assert one("hinge", 1, 1) == one("hinge", 1, 3) == 0


# -- datasets -------------------------------------------------------------------------------------------------


@each_dataset
def test_every_dataset_has_words_to_read_at_once(dataset: Dataset) -> None:
    about = dataset.description
    assert 40 <= words(about.paragraph, about.good_score, about.corruption) <= 80
    assert [text for text in astuple(about) if not text.endswith(".")] == []


@each_dataset
def test_the_call_as_printed_makes_the_rows_that_are_trained_on(dataset: Dataset) -> None:
    import sklearn.datasets
    from sklearn.preprocessing import StandardScaler

    loss = next(loss for loss, its in pairings() if its == dataset)
    made = data.load(RunConfig.of(loss.short, dataset=dataset.name))
    assert [int(number) for number in re.findall(r"\d+", dataset.split_words)] == [len(made.train_x), len(made.test_x)]
    if dataset.name == "spirals":  # its call is none of scikit-learn's
        return
    x, y = eval(f"sklearn.datasets.{dataset.generator_call}", {"sklearn": sklearn})
    if dataset.split == "shuffled":
        assert len(x) == len(made.train_x) + len(made.test_x) == dataset.rows
        return
    if dataset.name == "regression":
        x, y = StandardScaler().fit_transform(x), StandardScaler().fit_transform(y[:, None])[:, 0]
    elif dataset.standardised:
        rows = len(made.train_x)
        x, y = (StandardScaler().fit(part[:rows]).transform(part) for part in (x, y[:, None]))
        y = y[:, 0]
    np.testing.assert_allclose(np.concatenate([made.train_x, made.test_x]), x, rtol=1e-5, atol=1e-5)
    targets = output_layer(loss, dataset).encode(y)
    np.testing.assert_allclose(np.concatenate([made.train_y, made.test_y]), targets, rtol=1e-5, atol=1e-5)


@each_dataset
def test_the_call_and_the_split_are_of_the_default_settings(dataset: Dataset) -> None:
    if "samples" not in dataset.defaults:
        assert dataset.generator_call == f"{dataset.generator}(return_X_y=True)"
        return
    other = replace(dataset, defaults={**dataset.defaults, "samples": 777, "noise": 0.25, "train_fraction": 0.3})
    assert "samples=777" in other.generator_call
    assert f"random_state={dataset.defaults['data_seed']}" in other.generator_call
    noise = {"blobs": "cluster_std", "classification": "flip_y"}.get(dataset.name, "noise")
    assert f"{noise}=0.25" in other.generator_call
    assert other.split_words == "the first 233 rows train, the last 544 test"


def test_outliers_are_as_far_off_as_said() -> None:
    assert f"adds {OUTLIER:g} standard deviations" in dataset_named("regression").description.corruption


def test_the_inner_circle_is_as_small_as_said() -> None:
    from sklearn.datasets import make_circles

    factor = inspect.signature(make_circles).parameters["factor"].default
    assert f"the inner with {factor:g} of the outer's radius" in dataset_named("circles").description.paragraph


def test_no_model_can_do_better_than_said() -> None:
    """The rule that knows how the rows were made: the nearest centre; for circles the likelier radius."""
    from sklearn.datasets import make_blobs, make_circles

    x, y, centres = make_blobs(5000, centers=3, n_features=2, cluster_std=2, random_state=2, return_centers=True)
    nearest = ((x[:, None] - centres) ** 2).sum(axis=-1).argmin(axis=1)
    assert np.mean(nearest == y) == pytest.approx(0.82, abs=0.01)
    x, y = make_circles(200_000, noise=0.1, random_state=7)
    counts = [np.histogram(np.hypot(*x[y == number].T), 200, (0.3, 1.6))[0] for number in (0, 1)]
    assert np.maximum(*counts).sum() / len(y) == pytest.approx(0.84, abs=0.005)


# -- the page -------------------------------------------------------------------------------------------------


@each_loss
def test_the_page_has_all_of_it(loss: Loss) -> None:
    for dataset in DATASETS:
        _page_has_all_of_it(loss, dataset)


def _page_has_all_of_it(loss: Loss, dataset: Dataset) -> None:
    text, about, of_data = read(loss, dataset), loss.description, dataset.description
    expected = [loss.title, f"L = {about.formula}", about.paragraph, f"Use it {about.use}", f"Not {about.avoid}"]
    expected += [loss.keras_class, dataset.generator_call, dataset.split_words, dataset.preparation]
    expected += [of_data.paragraph, of_data.good_score, of_data.corruption]
    reason = refusal(loss, dataset)
    expected.append(reason if reason is not None else output_layer(loss, dataset).words)
    expected += [note.more for note in notes(loss, dataset) if reason is None]
    assert [part for part in expected if part not in text] == []
    assert text.isascii()


def test_markup_of_the_texts_own_is_shown_as_it_is() -> None:
    assert "needs targets in [0, 1]" in read(loss_named("bce"), dataset_named("regression"))


def test_the_page_of_hinge_on_circles() -> None:
    lines = Content.from_markup(about_text(loss_named("hinge"), dataset_named("circles"))).plain.split("\n")
    assert [row for line in lines for row in textwrap.wrap(line, 60) or [""]] == [
        "hinge",
        "L = mean(max(0, 1 - y p)), y = -1 or +1",
        "for a target y and an output p of the model",
        "",
        "Asks for the right side of 0 with a margin of 1. The slope",
        "is constant up to there, and beyond it the loss is exactly",
        "0: rows that are safely right are left alone. A tanh output",
        "only nears -1 and +1, so here no row is ever quite done.",
        "",
        "Use it where only the decision counts, as in a support",
        "vector machine, which uses this loss.",
        "Not when you need probabilities: its outputs are not.",
        "Several classes become one against the rest each, and with",
        "the settings here that trails the cross-entropies.",
        "Keras: keras.losses.Hinge",
        "",
        'On circles: Dense(1, "tanh"); targets -1 or +1; above 0 is',
        "class 1.",
        "The tutorial scores hinge with Keras's default 0.5 threshold",
        "on a tanh output. The targets are -1 and +1, so the cut that",
        "hinge trains for is 0; that is the one used here.",
        "",
        "circles, as it is by default",
        "make_circles(n_samples=5000, noise=0.1, random_state=1)",
        "",
        "Two classes on two circles about one centre, the inner with",
        "0.8 of the outer's radius, blurred by normal noise: no",
        "straight line parts them.",
        "",
        "Prepared: none; the first 2500 rows train, the last 2500",
        "test.",
        "Validation: on the test set, as the tutorial does; a",
        "validation fraction holds rows out for it.",
        "A good score: an accuracy of 0.84. The circles overlap, and",
        "no model can do better in the long run; guessing scores 0.5.",
        "To spoil it: label noise gives that share of the training",
        "rows the other class, picked at random; the test set stays",
        "clean, so the score says what was learned in spite of it.",
    ]
