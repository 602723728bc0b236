"""A person's data files: what is read, what each column is for, the split, the preparation, and what is refused."""

from __future__ import annotations

import gzip
import io
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from lossterm.catalog import DataChoices, DataFile
from lossterm.config import ConfigError, RunConfig
from lossterm.trainer.tables import files, reading
from lossterm.trainer.tables.datasets import describe, load_rows
from lossterm.trainer.tables.files import DataFileError
from lossterm.trainer.tables.preview import preview

ROWS = 400


def people(rows: int = ROWS) -> pl.DataFrame:
    """Columns of every kind: numbers with gaps, categories, booleans, and what is no use."""
    random = np.random.default_rng(0)
    return pl.DataFrame(
        {
            "id": np.arange(rows),
            "height": random.normal(170, 10, rows),
            "weight": [
                None if gap else value
                for gap, value in zip(random.random(rows) < 0.1, random.normal(70, 9, rows).round(3), strict=True)
            ],
            "town": random.choice(["Bern", "Ulm", "Linz"], rows),
            "smoker": random.random(rows) < 0.3,
            "constant": 1,
            "note": [f"what {place} said" for place in range(rows)],
            "kind": random.choice(["a", "b", "c"], rows, p=[0.6, 0.3, 0.1]),
            "wage": random.normal(3000, 400, rows),
        },
        strict=False,
    )


def written(table: pl.DataFrame, path: Path) -> Path:
    table.write_csv(path)
    return path


def described(path: Path, target: str, **more: Any) -> tuple[DataFile, dict[str, Any]]:
    return describe("it", path, DataChoices(target, **more))


def roles(report: dict[str, Any]) -> dict[str, str]:
    return {column["name"]: column["role"] for column in report["columns"]}


# -- what is read ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(people(), tmp_path_factory.mktemp("tables") / "people.csv")


def test_columns_have_the_roles_that_their_values_suggest(csv: Path) -> None:
    file, report = described(csv, "kind")
    assert roles(report) == {
        "id": "left out",
        "height": "number",
        "weight": "number",
        "town": "category",
        "smoker": "boolean",
        "constant": "left out",
        "note": "left out",
        "kind": "target",
        "wage": "number",
    }
    reasons = {column["name"]: column["reason"] for column in report["columns"]}
    assert (reasons["id"], reasons["constant"]) == ("it numbers the rows", "it is constant")
    assert (file.task, file.classes, file.features) == ("multiclass", ("a", "b", "c"), 3 + 1 + 3)
    assert sum(entry["rows"] for entry in report["classes"]) == ROWS
    assert (file.train_rows, file.validation_rows, file.test_rows) == (240, 80, 80)


@pytest.mark.parametrize(
    ("target", "task", "expected"),
    [
        ("kind", "auto", "multiclass"),
        ("smoker", "auto", "binary"),
        ("wage", "auto", "regression"),
        ("town", "multiclass", "multiclass"),
        ("id", "regression", "regression"),
    ],
)
def test_the_task_is_what_the_target_looks_like_or_what_is_asked_for(
    csv: Path, target: str, task: str, expected: str
) -> None:
    assert described(csv, target, task=task)[0].task == expected


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("packed", [False, True])
def test_any_delimiter_packed_or_not_is_the_same_table(tmp_path: Path, csv: Path, delimiter: str, packed: bool) -> None:
    content = people().write_csv(separator=delimiter).encode()
    path = tmp_path / ("people.csv.gz" if packed else "people.csv")
    path.write_bytes(gzip.compress(content) if packed else content)
    assert described(path, "kind")[1]["columns"] == described(csv, "kind")[1]["columns"]


def test_parquet_and_npz_are_the_same_rows(tmp_path: Path, csv: Path) -> None:
    people().write_parquet(tmp_path / "people.parquet")
    from_parquet, from_csv = (described(path, "wage")[0] for path in (tmp_path / "people.parquet", csv))
    np.testing.assert_array_equal(load_rows(from_parquet).x, load_rows(from_csv).x)
    numbers = people().select("height", "wage").to_numpy()
    np.savez(tmp_path / "numbers.npz", x=numbers[:, :1], wage=numbers[:, 1])
    from_arrays = described(tmp_path / "numbers.npz", "wage")[0]
    np.testing.assert_array_equal(load_rows(from_arrays).y, load_rows(from_csv).y)


@pytest.mark.parametrize("name", ["a[1].csv", "a*.csv", "a[.parquet", "{a}.parquet"])
def test_a_name_is_no_pattern(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    (people().write_parquet if name.endswith("parquet") else people().write_csv)(path)
    (tmp_path / "a1.csv").write_text("x\n1\n")
    assert described(path, "kind")[0].rows == ROWS


def test_a_preview_says_what_each_column_is_and_what_it_could_be_as_the_target(csv: Path) -> None:
    said: list[str] = []
    found = preview(csv, said.append)
    columns = {column["name"]: column for column in found["columns"]}
    assert found["rows"] == ROWS
    assert {name: column["role"] for name, column in columns.items()} == {
        **roles(described(csv, "kind")[1]),
        "kind": "category",
    }
    tasks = {name: column["task"] for name, column in columns.items()}
    assert tasks == {
        "id": "regression", "height": "regression", "weight": "regression", "town": "multiclass", "smoker": "binary",
        "constant": "", "note": "", "kind": "multiclass", "wage": "regression",
    }  # fmt: skip
    assert columns["constant"]["problem"] == "'constant' is the same in every row: there is nothing to predict"
    assert [value for value, _ in columns["kind"]["counts"]] == ["a", "b", "c"]
    assert columns["town"]["first"][0] in ("Bern", "Ulm", "Linz")
    assert None in columns["weight"]["first"] or columns["weight"]["missing"]
    assert said[:2] == ["checking the file", "reading the rows"]
    assert said[-1] == "looking at column 9 of 9"


def test_decimal_commas_blanks_and_words_for_gaps_are_read(tmp_path: Path) -> None:
    lines = [f"{place % 7},5; NA ;{'yes' if place % 3 else 'no'}" for place in range(40)]
    (tmp_path / "a.csv").write_text("\ufeffx; y ;answer\n" + "\n".join(lines[:-1]) + "\n1,5; 3 ;no\n", encoding="utf-8")
    file, report = described(tmp_path / "a.csv", "answer")
    columns = {column["name"]: column for column in report["columns"]}
    assert (columns["x"]["role"], columns["x"]["low"], columns["x"]["high"]) == ("number", 0.5, 6.5)
    assert columns["y"]["missing"] == 39
    assert file.classes == ("no", "yes")


def test_numbers_that_are_not_finite_are_gaps(tmp_path: Path) -> None:
    lines = "\n".join(f"{'inf' if place % 5 == 0 else place},{place % 2}" for place in range(50))
    (tmp_path / "a.csv").write_text(f"x,y\n{lines}\n")
    column = described(tmp_path / "a.csv", "y")[1]["columns"][0]
    assert (column["role"], column["missing"], column["high"]) == ("number", 10, 49.0)
    assert np.isfinite(load_rows(described(tmp_path / "a.csv", "y")[0]).x).all()


def test_rows_without_a_target_are_left_out_and_counted(tmp_path: Path) -> None:
    table = people().with_columns(pl.when(pl.col("id") < 100).then(None).otherwise(pl.col("kind")).alias("kind"))
    file, report = described(written(table, tmp_path / "a.csv"), "kind")
    assert (file.rows, report["without_target"]) == (300, 100)


# -- the split and the preparation ----------------------------------------------------------------------------


@pytest.mark.parametrize("group", ["", "town"])
def test_another_split_seed_draws_other_rows_which_are_found_again(csv: Path, group: str) -> None:
    added, _ = described(csv, "kind", group=group)
    again, _ = describe("it", csv, replace(added.choices, split_seed=7))
    assert (added.split_seed, again.split_seed) == (1, 7)
    first, second = load_rows(added), load_rows(again)
    assert second.sizes == (again.train_rows, again.validation_rows, again.test_rows)
    assert second.x.shape[1] == again.features
    assert first.sizes != second.sizes or not np.array_equal(first.y, second.y)
    np.testing.assert_array_equal(second.x, load_rows(again).x)


def test_nothing_of_the_other_rows_is_seen_in_the_preparation(tmp_path: Path) -> None:
    """Values that only validation and test rows have leave the training rows as they were."""
    table = people().with_columns(
        pl.when(pl.col("id") < 240).then(pl.lit("train")).when(pl.col("id") < 320).then(pl.lit("validation"))
        .otherwise(pl.lit("test")).alias("set")
    )  # fmt: skip
    elsewhere = pl.col("set") != "train"
    other = table.with_columns(
        pl.when(elsewhere).then(pl.col("height") * 1000).otherwise(pl.col("height")).alias("height"),
        pl.when(elsewhere).then(None).otherwise(pl.col("weight")).alias("weight"),
        pl.when(elsewhere).then(pl.lit("Zug")).otherwise(pl.col("town")).alias("town"),
        pl.when(elsewhere).then(pl.col("wage") + 1e6).otherwise(pl.col("wage")).alias("wage"),
    )
    made = []
    for name, its in (("a.csv", table), ("b.csv", other)):
        file, _ = described(written(its, tmp_path / name), "wage", split="column", split_column="set")
        rows = load_rows(file)
        made.append((file.features, file.target_mean, rows.x[:240], rows.y[:240]))
    assert made[0][:2] == made[1][:2]
    np.testing.assert_array_equal(made[0][2], made[1][2])
    np.testing.assert_array_equal(made[0][3], made[1][3])
    np.testing.assert_allclose((made[0][3].mean(), made[0][3].std()), (0, 1), atol=1e-6)


def test_a_category_that_no_training_row_has_is_none_of_them(tmp_path: Path) -> None:
    table = people().with_columns(
        pl.when(pl.col("id") >= 320).then(pl.lit("Zug")).otherwise(pl.col("town")).alias("town")
    )
    file, _ = described(written(table, tmp_path / "a.csv"), "kind", split="ordered")
    rows = load_rows(file)
    one_hot = rows.x[:, -3:]
    assert set(np.unique(one_hot[:240].sum(axis=1))) == {1.0}
    assert one_hot[320:].sum() == 0


def test_the_split_is_seeded_and_has_each_class_in_every_set(csv: Path) -> None:
    file, _ = described(csv, "kind")
    rows = load_rows(file)
    np.testing.assert_array_equal(rows.x, load_rows(file).x)
    ends = np.cumsum(rows.sizes)[:-1]
    shares = [np.bincount(part, minlength=3) / len(part) for part in np.split(rows.y, ends)]
    np.testing.assert_allclose(shares[1], shares[0], atol=0.02)
    np.testing.assert_allclose(shares[2], shares[0], atol=0.02)


def test_an_ordered_split_keeps_the_files_order(tmp_path: Path) -> None:
    file, _ = described(written(people(), tmp_path / "a.csv"), "wage", split="ordered")
    wages = people()["wage"].to_numpy()
    np.testing.assert_allclose(load_rows(file).y * file.target_scale + file.target_mean, wages)


def test_a_group_is_never_on_two_sides(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    table = people().with_columns(pl.Series("clinic", random.integers(0, 20, ROWS)))
    table = table.with_columns(pl.col("clinic").cast(pl.Float64).alias("same"))
    file, report = described(written(table, tmp_path / "a.csv"), "kind", group="clinic", ignored=("height", "weight"))
    assert roles(report)["clinic"] == "group"
    rows, numbers = load_rows(file), [c["name"] for c in report["columns"] if c["role"] == "number"]
    same = rows.x[:, numbers.index("same")]
    train, validation, test = (set(part.tolist()) for part in np.split(same, np.cumsum(rows.sizes)[:-1]))
    assert all((train, validation, test))
    assert len(train | validation | test) == len(train) + len(validation) + len(test)


# -- what is refused ------------------------------------------------------------------------------------------

PLAIN = "a,b\n" + "".join(f"{place},{place % 2}\n" for place in range(50))

HOSTILE: dict[str, tuple[bytes, str]] = {
    "empty.csv": (b"", "is empty"),
    "header.csv": (b"a,b\n", "has a header but no rows"),
    "one.csv": (b"a,b\n1,2\n", "has only 1 row with a target; at least 10 are needed"),
    "ragged.csv": (PLAIN.encode() + b"1,2,3\n", "line 52 has 3 values, and the header 2"),
    "short.csv": (PLAIN.encode() + b"1\n", "line 52 has 1 values, and the header 2"),
    "nuls.csv": (b"a,b\n\0\0\0,1\n" * 20, "is not text: it has NUL bytes"),
    "utf16.csv": (PLAIN.encode("utf-16"), "is not"),
    "latin.csv": (PLAIN.encode() + "ä,1\n".encode("latin-1"), "is not UTF-8 text"),
    "late.csv": (PLAIN.encode() * 2000 + "ä,1\n".encode("latin-1"), "is not UTF-8 text"),
    "noise.csv": (os.urandom(5000), "is not"),
    "noise.parquet": (os.urandom(5000), "is not a Parquet file, whatever its name says"),
    "cut.parquet": (b"PAR1" + os.urandom(5000) + b"PAR1", "cannot be read as Parquet"),
    "noise.npz": (b"PK" + os.urandom(5000), "cannot be read as .npz"),
    "noise.csv.gz": (b"\x1f\x8b" + os.urandom(5000), "is damaged: it cannot be unpacked"),
    "cut.csv.gz": (gzip.compress(PLAIN.encode())[:-20], "is damaged: it cannot be unpacked"),
    "twice.csv": (PLAIN.replace("a,b", "b,b").encode(), "has two columns named 'b' (1 and 2); rename one"),
    "quote.csv": (PLAIN.encode() + b'"1,2\n', "quote.csv"),
    "image.png.zip": (b"PK\3\4" + os.urandom(100), "is no table: give a CSV, Parquet or .npz file"),
    "target.csv": (PLAIN.replace("a,b", "a,c").encode(), "target: 'b' is no column of"),
    "constant.csv": (b"a,b\n" + b"1,7\n" * 50, "target: 'b' is the same in every row"),
    "gaps.csv": (b"a,b\n" + b"1,\n" * 50, "target: 'b' has no value in any row of"),
    "classes.csv": (
        b"a,b\n" + b"".join(b"1,w%d\n" % place for place in range(10_000)),
        "target: 'b' has 10,000 different values; at most 100 classes",
    ),
    "nothing.csv": (b"a,b\n" + b"7,1\n7,2\n" * 50, "data: no column is left to learn from"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_that_cannot_be_trained_on_is_refused_in_one_line(name: str, tmp_path: Path) -> None:
    content, expected = HOSTILE[name]
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataFileError) as caught:
        described(path, "b")
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_zip_bomb_is_unpacked_no_further_than_a_bound(tmp_path: Path) -> None:
    path = tmp_path / "bomb.csv.gz"
    with gzip.open(path, "wb", compresslevel=1) as packed:
        for _ in range(300):
            packed.write(b"1" * 2**20)
    with pytest.raises(DataFileError, match="unpacks to more than"):
        described(path, "b")


def test_what_is_no_file_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.csv")
    for path, expected in (
        (tmp_path / "fifo.csv", "is not a regular file"),
        (tmp_path, "is a folder"),
        (tmp_path / "none.csv", "is not there"),
        (Path("/dev/zero"), "is not a regular file"),
    ):
        with pytest.raises(DataFileError, match=expected):
            described(path, "b")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_refused(tmp_path: Path) -> None:
    path = written(people(), tmp_path / "a.csv")
    path.chmod(0)
    with pytest.raises(DataFileError, match="cannot be read: Permission denied"):
        described(path, "kind")


def test_many_columns_and_many_categories_are_read(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    wide = pl.DataFrame(random.normal(size=(60, 5000)), schema=[f"x{place}" for place in range(5000)])
    file, _ = described(written(wide, tmp_path / "wide.csv"), "x0")
    assert file.features == 4999
    assert len(preview(tmp_path / "wide.csv", lambda _words: None)["columns"]) == 5000
    values = random.permutation(np.repeat(np.arange(100_000), 3))
    tall = pl.DataFrame({"town": [f"t{value}" for value in values], "x": random.normal(size=len(values))})
    file, report = described(written(tall, tmp_path / "tall.csv"), "x")
    assert report["columns"][0]["distinct"] == 100_000
    assert file.features <= 50


def test_odd_names_and_values_are_kept_and_shown_harmless(tmp_path: Path) -> None:
    odd = "\x1b[31mred\u202e"
    lines = "".join(f"{place % 7},{odd if place % 2 else 'plain'},{place % 5}\n" for place in range(50))
    (tmp_path / "a.csv").write_text(f"{odd},,b\n{lines}", encoding="utf-8")
    file, report = described(tmp_path / "a.csv", "column 2")
    assert file.classes == (odd, "plain")
    assert report["columns"][0]["name"] == odd
    with pytest.raises(DataFileError) as caught:
        described(tmp_path / "a.csv", odd + "x")
    assert "\x1b" not in str(caught.value)
    assert "\u202e" not in str(caught.value)


def test_a_file_that_changed_or_is_gone_is_not_trained_on(tmp_path: Path) -> None:
    path = written(people(), tmp_path / "a.csv")
    file, _ = described(path, "kind")
    content = path.read_bytes()
    path.write_bytes(content.replace(b"Bern", b"Wien"))
    with pytest.raises(DataFileError, match="changed since it was added; bring the old file back, or add it anew"):
        load_rows(file)
    path.unlink()
    with pytest.raises(DataFileError, match="is not there"):
        load_rows(file)
    path.write_bytes(content)
    assert load_rows(file).sizes == (240, 80, 80)


def test_too_much_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    people().write_parquet(tmp_path / "a.parquet")
    written(people(), tmp_path / "a.csv")
    np.savez(tmp_path / "a.npz", x=np.zeros((400, 9)), b=np.zeros(400))
    for limits, expected in (({"MOST_COLUMNS": 8}, "columns; at most 8"), ({"MOST_ROWS": 399}, "at most 399 rows")):
        with monkeypatch.context() as changed:
            for name, value in limits.items():
                changed.setattr(reading, name, value)
            for name in ("a.csv", "a.parquet", "a.npz"):
                with pytest.raises(DataFileError, match=expected):
                    described(tmp_path / name, "kind")
    monkeypatch.setattr(files, "MOST_BYTES", 100)
    with pytest.raises(DataFileError, match="GiB are read"):
        described(tmp_path / "a.csv", "kind")


def test_objects_in_an_npz_are_never_unpickled(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    np.savez(buffer, a=np.array([{"x": 1}] * 20, dtype=object), b=np.arange(20))
    (tmp_path / "a.npz").write_bytes(buffer.getvalue())
    with pytest.raises(DataFileError, match=r"cannot be read as \.npz"):
        described(tmp_path / "a.npz", "b")


# -- as a run's config carries it -------------------------------------------------------------------------------


def test_a_config_carries_all_that_is_needed_without_the_file(tmp_path: Path) -> None:
    path = written(people(), tmp_path / "a.csv")
    file, _ = described(path, "kind")
    path.unlink()
    config = RunConfig.of("cce", dataset=file.entry, epochs=3)
    again = RunConfig.from_json(config.to_json())
    assert again == config
    assert again.dataset_entry is config.dataset_entry
    assert (again.train_rows, again.test_rows, again.samples) == (240, 80, 400)
    assert again.output_layer.units == 3
    assert again.changed(seed=2).data_file == file
    assert again.changed(dataset="blobs").data_file is None
    assert again.default_changes() == {"epochs": 3}
    assert "data_file" not in RunConfig.of("mse").to_json()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"features": 0}, "features"),
        ({"classes": ["a"]}, "classes"),
        ({"name": "../x"}, "name"),
        ({"sha256": "x"}, "sha256"),
        ({"train_rows": -1}, "train_rows"),
        ({"more": 1}, "more"),
        ({"target_scale": float("nan")}, "target_scale"),
    ],
)
def test_a_config_from_elsewhere_is_checked(csv: Path, change: dict[str, Any], words: str) -> None:
    file, _ = described(csv, "kind")
    with pytest.raises(ConfigError, match=f"data_file: .*{words}"):
        RunConfig.of("cce", dataset="it", data_file={**file.model_dump(), **change})
