from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

if TYPE_CHECKING:
    from ..conftest import Program

Objects = Sequence[dict[str, Any]]

LOAD_MODEL = """
import json, sys
sys.modules["lossterm"] = None  # as where it is not installed
import keras
from sklearn.datasets import make_circles
model = keras.models.load_model(sys.argv[1], safe_mode=True)
x, y = make_circles(n_samples=5000, noise=0.1, random_state=1)
loss, accuracy = model.evaluate(x[2500:], y[2500:].reshape(-1, 1).astype("float32"), verbose=0)
print(json.dumps({"class": type(model).__name__, "loss": loss, "accuracy": accuracy}))
"""


def in_another_interpreter(code: str, *words: str | Path) -> Any:
    done = subprocess.run([sys.executable, "-c", code, *map(str, words)], capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def read_events(folder: Path) -> dict[str, list[list[float]]]:
    """The steps and values of each tag that TensorBoard would show."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow as tf

    found: dict[str, list[list[float]]] = {}
    for file in sorted(folder.rglob("events.out.tfevents.*")):
        for record in tf.data.TFRecordDataset(str(file)):
            event = tf.compat.v1.Event.FromString(record.numpy())
            for value in event.summary.value:
                assert value.metadata.plugin_data.plugin_name == "scalars"
                points = found.setdefault(f"{file.parent.relative_to(folder)}:{value.tag}", [])
                points.append([event.step, float(tf.make_ndarray(value.tensor))])
    return found


def test_csv_has_a_row_an_epoch_with_the_runs_settings(shared: Program, seven: Objects, tmp_path: Path) -> None:
    target = tmp_path / "new" / "runs.csv"
    ids = [run["id"] for run in seven[:2]]
    assert shared("export", *ids, "--format", "csv", "--to", target).stdout == f"wrote {target}\n"
    rows = list(csv.DictReader(io.StringIO(target.read_text())))
    assert [(int(row["id"]), int(row["epoch"])) for row in rows] == [(n, e) for n in ids for e in range(1, 51)]
    last = shared.json("show", ids[1])["history"][-1]
    assert (float(rows[-1]["train_loss"]), float(rows[-1]["test_metric"])) == (
        last["train"]["loss"],
        last["test"]["metric"],
    )
    assert (rows[0]["loss"], rows[0]["planned_epochs"], rows[0]["learning_rate"]) == (
        "mean_squared_error",
        "50",
        "0.01",
    )
    assert list(tmp_path.rglob("*.part")) == []


def test_json_is_an_array_of_what_show_prints(shared: Program, seven: Objects, tmp_path: Path) -> None:
    ids = [run["id"] for run in seven[2:4]]
    shared("export", *ids, "--format", "json", "--to", tmp_path / "runs.json")
    found = json.loads((tmp_path / "runs.json").read_text())
    assert found == [shared.json("show", number) for number in ids]
    assert list(found[0]) == list(shared.json("show", ids[0]))


def test_a_dash_is_stdout_and_a_folder_gets_a_file_a_run(shared: Program, seven: Objects, tmp_path: Path) -> None:
    ids = [run["id"] for run in seven[:2]]
    out = shared("export", ids[0], "--format", "csv", "--to", "-").stdout
    assert len(list(csv.reader(io.StringIO(out)))) == 51
    said = shared("export", *ids, "--format", "csv", "--to", tmp_path).stdout
    assert said == "".join(f"wrote {tmp_path / f'run-{number}.csv'}\n" for number in ids)
    assert (tmp_path / f"run-{ids[0]}.csv").read_text() == out


def test_nothing_is_replaced_unasked(shared: Program, seven: Objects, tmp_path: Path) -> None:
    target = tmp_path / "runs.csv"
    target.write_text("mine")
    words = ("export", seven[0]["id"], "--format", "csv", "--to", target)
    assert "--force replaces it" in shared(*words, code=2).stderr
    assert target.read_text() == "mine"
    shared(*words, "--force")
    assert target.read_text() != "mine"


@pytest.mark.parametrize("form", ["csv", "json"])
def test_a_place_that_cannot_be_written_is_refused(shared: Program, seven: Objects, form: str) -> None:
    done = shared("export", seven[0]["id"], "--format", form, "--to", "/proc/nowhere", code=2)
    assert (done.stdout, done.stderr.count("\n")) == ("", 1)
    assert "/proc/nowhere cannot be written" in done.stderr


def words_of(figure: Path) -> list[str]:
    """The words of an SVG by matplotlib, which draws them as paths and says them in comments."""
    return re.findall(r"<!-- (.*?) -->", figure.read_text())


def test_a_figure_has_title_curves_and_legend_as_the_tutorials(shared: Program, seven: Objects, tmp_path: Path) -> None:
    mse, bce, hinge = (seven[place]["id"] for place in (0, 3, 4))
    shared("export", mse, bce, "--format", "svg", "--to", f"{tmp_path}/each/")
    words = words_of(tmp_path / "each" / f"run-{bce}.svg")
    assert {"bce on circles, seed 1", "Loss: binary cross-entropy", "Accuracy", "epoch"} <= set(words)
    assert words.count("train") == words.count("test") == 2
    words = words_of(tmp_path / "each" / f"run-{mse}.svg")
    assert "Loss: mean squared error" in words
    assert words.count("train") == 1, "MSE as a loss and as a metric is one panel"
    shared("export", bce, hinge, "--format", "svg", "--to", tmp_path / "both.svg")
    words = words_of(tmp_path / "both.svg")
    assert {"2 losses on circles, 2 runs", f"#{bce} bce test", f"#{hinge} hinge train"} <= set(words)
    assert "Loss, each its own: their values are not comparable" in words


@pytest.mark.parametrize(("form", "start"), [("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_a_figure_is_of_the_format_that_was_asked_for(
    shared: Program, seven: Objects, tmp_path: Path, form: str, start: bytes
) -> None:
    target = tmp_path / "new" / "figure"
    assert shared("export", seven[0]["id"], "--format", form, "--to", target).stdout == f"wrote {target}\n"
    assert target.read_bytes().startswith(start)
    assert list(tmp_path.rglob("*.part")) == []


@pytest.mark.keras
def test_tensorboard_event_files_hold_every_epoch(shared: Program, seven: Objects, tmp_path: Path) -> None:
    bce = seven[3]
    name = f"run-{bce['id']}-bce-circles-seed-1"
    old = tmp_path / "tb" / name / "train" / "events.out.tfevents.1.old"
    old.parent.mkdir(parents=True)
    old.touch()
    words = ("export", seven[0]["id"], bce["id"], "--format", "tensorboard", "--to", tmp_path / "tb")
    assert "--force replaces it" in shared(*words, code=2).stderr
    shared(*words, "--force")
    assert not old.exists(), "TensorBoard would draw both"
    found = read_events(tmp_path / "tb")
    assert {key.partition("/")[0] for key in found} == {name, f"run-{seven[0]['id']}-mse-regression-seed-1"}
    history = shared.json("show", bce["id"])["history"]
    for split in ("train", "test"):
        for tag, key in (("loss", "loss"), ("accuracy", "metric")):
            expected = [[epoch["epoch"], pytest.approx(epoch[split][key], rel=1e-6)] for epoch in history]
            assert found[f"{name}/{split}:{tag}"] == expected


def test_a_model_loads_in_plain_keras_and_scores_the_same(shared: Program, seven: Objects, tmp_path: Path) -> None:
    bce = seven[3]
    said = shared("export", bce["id"], seven[5]["id"], "--format", "keras", "--to", tmp_path / "models").stdout
    model = tmp_path / "models" / f"run-{bce['id']}.keras"
    assert said.splitlines()[0] == f"wrote {model}"
    assert {path.name for path in model.parent.iterdir()} == {model.name, f"run-{seven[5]['id']}.keras"}
    loaded = in_another_interpreter(LOAD_MODEL, model)
    assert loaded["class"] == "Sequential"
    assert loaded["loss"] == pytest.approx(bce["test"]["loss"], rel=1e-5)
    assert loaded["accuracy"] == pytest.approx(bce["test"]["metric"], abs=1e-6)


@pytest.mark.keras
def test_the_parameters_of_a_loss_are_in_its_exports(shared: Program, tmp_path: Path) -> None:
    import keras

    losses = ("--loss", "huber:delta=0.3", "--loss", "gce:q=0.8", "--loss", "tversky:alpha=2", "--dataset", "blobs")
    done = shared("run", *losses, "--epochs", 2, "--hidden-units", 3, "--json")
    runs = [json.loads(line) for line in done.stdout.splitlines()]
    ids = [run["id"] for run in runs]
    shared("export", *ids, "--format", "keras", "--to", tmp_path)
    huber, gce, tversky = (keras.models.load_model(tmp_path / f"run-{run_id}.keras").loss for run_id in ids)
    assert float(huber([[0.0]], [[10.0]])) == pytest.approx(0.3 * 10 - 0.3**2 / 2)
    assert float(gce(np.array([1]), np.array([[0.5, 0.5]]))) == pytest.approx((1 - 0.5**0.8) / 0.8)
    assert float(tversky([[1.0]], [[0.5]])) == pytest.approx(1 - 0.5 / (0.5 + 2 * 0.5))
    rows = list(csv.DictReader(io.StringIO(shared("export", *ids, "--format", "csv", "--to", "-").stdout)))
    assert [row["loss_parameters"] for row in rows[::2]] == ["delta=0.3", "q=0.8", "alpha=2 beta=0.5"]


@pytest.mark.keras
def test_a_model_of_an_own_file_of_numbers_takes_them_as_they_are(shared: Program, tmp_path: Path) -> None:
    import keras

    random = np.random.default_rng(6)
    flag = random.integers(2, size=100)
    rows = np.stack([random.normal(300, 40, 100), flag, random.normal(-0.02, 0.001, 100)], axis=1)
    price = 2 * rows[:, 0] + 90 * flag + random.normal(0, 3, 100)
    table = [f"{a:.3f},{'true' if b else 'false'},{c:.5f},7,{y:.3f}" for (a, b, c), y in zip(rows, price, strict=True)]
    (tmp_path / "rows.csv").write_text("size,flag,slope,same,price\n" + "\n".join(table) + "\n")
    data = ("data", "add", tmp_path / "rows.csv", "--target", "price", "--split", "ordered", "--name", "numbers")
    shared(*data)
    run = json.loads(shared("run", "--loss", "mse", "--dataset", "numbers", "--epochs", 4, "--json").stdout)
    said = shared("export", run["id"], "--format", "keras", "--to", tmp_path / "m.keras").stdout.splitlines()
    order = f"run {run['id']}: the model takes the numbers of the file as they are, in this order: size, slope, flag"
    assert said[1] == f"{order} (1 for true)"
    scale, mean = re.fullmatch(rf"run {run['id']}: price is (\S+) times its output, plus (\S+)", said[2]).groups()  # type: ignore[union-attr]
    model = keras.models.load_model(tmp_path / "m.keras")
    raw = np.round(rows[80:, [0, 2, 1]], 5).astype(np.float32)
    found = model.predict(raw, verbose=0)[:, 0] * float(scale) + float(mean)
    in_own = shared.json("show", run["id"])["scores"]["test"]["own_units"]
    assert np.mean(np.abs(found - price[80:])) == pytest.approx(in_own["mae"], rel=1e-3)


def test_what_a_model_needs_first_is_said(shared: Program, seven: Objects, tmp_path: Path) -> None:
    rows = [f"{place % 7},{'nesw'[place % 4]},{'ab'[place % 2]}" for place in range(60)]
    (tmp_path / "kinds.csv").write_text("number,wind,kind\n" + "\n".join(rows) + "\n")
    words = ("--data", tmp_path / "kinds.csv", "--target", "kind", "--loss", "bce", "--epochs", 1)
    run = json.loads(shared("run", *words, "--json").stdout)
    done = shared("export", run["id"], seven[0]["id"], "--format", "keras", "--to", tmp_path)
    assert done.stdout.splitlines()[2:] == [
        f"run {run['id']}: the model takes 5 prepared features, for wind must be one-hot first: "
        "lossterm export --format python writes how",
        f"run {run['id']}: the classes of kind by their numbers from 0: a, b",
        f"run {seven[0]['id']}: the model takes what it was trained on: X and y standardised (StandardScaler)",
    ]


def test_a_run_without_epochs_has_no_model_and_no_figure(shared: Program, tmp_path: Path) -> None:
    with shared.store() as store:
        from lossterm.config import RunConfig

        (run_id,) = store.queue([RunConfig.of("mse", device="gpu:99")])
        store.stop(run_id)
    done = shared("export", run_id, "--format", "keras", "--to", tmp_path / "m.keras", code=2)
    assert done.stderr == f"lossterm: run {run_id} has no weights yet (stopped, 0 epochs)\n"
    done = shared("export", run_id, "--format", "png", "--to", tmp_path / "m.png", code=2)
    assert done.stderr == f"lossterm: run {run_id} has no epochs yet (stopped)\n"
    assert list(tmp_path.glob("m.*")) == []


def test_several_models_do_not_fit_one_file(shared: Program, seven: Objects, tmp_path: Path) -> None:
    words = ("export", seven[0]["id"], seven[1]["id"], "--format", "keras", "--to", tmp_path / "m.keras")
    assert "several models need a folder" in shared(*words, code=2).stderr
