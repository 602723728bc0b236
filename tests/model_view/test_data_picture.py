"""The rows that a config trains on, as exact pictures, and that no size and no sample breaks them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lossterm.config import RunConfig
from lossterm.model_view import data_frame
from lossterm.runs.snapshots import Sample

TRAINED = np.load(Path(__file__).with_name("trained.npz"))


def sample(name: str) -> Sample:
    """The sample of a tutorial's run."""
    return Sample(*(TRAINED[f"{name}_{part}"] for part in Sample.__dataclass_fields__))


def text(config: RunConfig, rows: Sample | None, width: int, height: int, **more: bool) -> list[str]:
    frame = data_frame(config, rows, 0, width, height, **more)
    assert [len(row) for row in frame.rows] == [width] * height
    return [row.rstrip() for row in frame.rows]


def test_the_points_of_two_classes_in_a_glyph_each() -> None:
    assert text(RunConfig.of("bce"), sample("bce"), 36, 10) == [
        "circles: 2,500 train, 2,500 test",
        " │        ●     ●  ●▲ ▲",
        " │   ●● ●           ▲    ▲▲ ●▲",
        " │ ●  ▲  ▲ ▲                  ▲ ●●",
        " │   ▲▲▲                  ▲ ▲     ●",
        " │ ●●●● ▲▲▲▲                ● ●●",
        " │     ● ● ▲   ●●    ●▲       ●",
        " │          ●●●",
        " └──────────────────────────────────",
        "            feature 2 over feature 1",
    ]


def test_the_target_of_a_regression_over_the_feature_that_says_most_of_it() -> None:
    rows = sample("msle")
    found = [np.corrcoef(rows.train_x[:, feature], rows.train_y[:, 0])[0, 1] for feature in range(20)]
    best = int(np.argmax(np.abs(found)))
    for ascii_only in (False, True):
        lines = text(RunConfig.of("msle"), rows, 40, 12, ascii=ascii_only)
        assert lines[-1].strip() == f"target over feature {best + 1}, r = {found[best]:.2f}"
        assert "".join(lines[1:-2]).isascii() == ascii_only
        assert sum(not char.isspace() for line in lines[1:-2] for char in line[2:]) > 30


def test_where_there_is_little_room_classes_are_dots_and_the_title_is_short_and_without_colours_they_are_markers() -> (
    None
):
    config, rows = RunConfig.of("cce"), sample("cce")
    small = text(config, rows, 20, 6)
    assert small[0] == "500 train"
    assert any("\u2800" < char <= "\u28ff" for char in "".join(small))
    plain = "".join(text(config, rows, 20, 6, markers=True)[1:4])
    assert set("●▲■") <= set(plain)
    assert not any("\u2800" < char <= "\u28ff" for char in plain)


def test_until_the_rows_are_known_it_says_so() -> None:
    assert "its rows show once the trainer is ready" in " ".join(text(RunConfig.of("bce"), None, 60, 9))


def test_more_features_of_classes_are_seen_on_two_components() -> None:
    random = np.random.default_rng(1)
    x = np.hstack([random.normal(size=(40, 2)) * 10, random.normal(size=(40, 3))]).astype(np.float32)
    y = (x[:, :1] > 0).astype(np.float32)
    assert text(RunConfig.of("bce"), Sample(x, y, x, y), 50, 12)[-1].strip() == "PC 2 over PC 1"


@settings(max_examples=60, deadline=None)
@given(
    width=st.integers(0, 90),
    height=st.integers(0, 30),
    count=st.integers(0, 3),
    ascii_only=st.booleans(),
    name=st.sampled_from(["msle", "bce", "cce"]),
)
def test_no_size_and_no_sample_breaks_it(width: int, height: int, count: int, ascii_only: bool, name: str) -> None:
    rows = sample(name)
    some = Sample(rows.train_x[:count], rows.train_y[:count], rows.test_x, rows.test_y)
    text(RunConfig.of(name), some, width, height, ascii=ascii_only)
