"""`lossterm run` and what it leaves behind, with a real trainer."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from ..conftest import Program

KEYS = ["id", "loss", "dataset", "seed", "status", "epochs", "device", "seconds", "metric", "train", "test"]
Objects = Sequence[dict[str, Any]]

SEVEN = {
    "mean_squared_error": ("regression", "mse", (0.0, 0.01), (0.0, 0.01)),
    "mean_squared_logarithmic_error": ("regression", "mse", (0.0, 0.01), (0.2, 0.5)),
    "mean_absolute_error": ("regression", "mse", (0.0, 0.1), (0.0, 0.02)),
    "binary_crossentropy": ("circles", "accuracy", (0.33, 0.41), (0.81, 0.86)),
    "hinge": ("circles", "accuracy", (0.32, 0.40), (0.81, 0.86)),
    "categorical_crossentropy": ("blobs", "accuracy", (0.38, 0.47), (0.78, 0.85)),
    "kl_divergence": ("blobs", "accuracy", (0.38, 0.47), (0.78, 0.85)),
}


def test_all_seven_losses_finish_with_the_tutorials_scores(seven: Objects) -> None:
    assert [run["loss"] for run in seven] == list(SEVEN)
    for run in seven:
        dataset, metric, losses, metrics = SEVEN[run["loss"]]
        assert list(run)[: len(KEYS)] == KEYS
        assert (run["dataset"], run["seed"], run["status"], run["epochs"]) == (dataset, 1, "finished", 50)
        assert (run["metric"], run["device"]) == (metric, "cpu")
        assert list(run["train"]) == list(run["test"]) == ["loss", "metric"]
        assert losses[0] <= run["test"]["loss"] <= losses[1]
        assert metrics[0] <= run["test"]["metric"] <= metrics[1]
        assert 0 < run["seconds"] < 60


def test_on_one_hot_targets_kl_divergence_is_cross_entropy(seven: Objects) -> None:
    cce, kld = seven[-2:]
    assert cce["test"]["loss"] == pytest.approx(kld["test"]["loss"], abs=0.01)


def test_the_history_holds_the_same_objects_newest_first(shared: Program, seven: Objects) -> None:
    done = shared("runs", "--json")
    assert done.stderr == ""
    history = json.loads(done.stdout)
    assert [run["id"] for run in history] == sorted((run["id"] for run in history), reverse=True)
    assert all(list(run)[: len(KEYS)] == KEYS and "settings" in run for run in history)
    assert [run for run in history if run in seven] == seven[::-1]
    settings = next(run["settings"] for run in history if run["id"] == seven[3]["id"])
    assert settings == shared.json("show", seven[3]["id"])["settings"]


def test_show_gives_settings_and_every_epoch(shared: Program, seven: Objects) -> None:
    shown = shared.json("show", seven[3]["id"])
    assert {key: shown[key] for key in seven[3]} == seven[3]
    assert list(shown)[: len(KEYS)] == KEYS
    assert shown.keys() > {"settings", "message", "history", "scores"}
    assert shown["settings"]["epochs"] == 50
    assert shown["settings"]["noise"] == 0.1
    assert shown["message"] == ""
    assert [epoch["epoch"] for epoch in shown["history"]] == list(range(1, 51))
    for epoch in shown["history"]:
        assert list(epoch) == ["epoch", "train", "test", "seconds"]
        assert list(epoch["train"]) == list(epoch["test"]) == ["loss", "metric"]
    assert shown["history"][-1]["test"] == pytest.approx(shown["test"], rel=1e-4)


def test_people_read_the_same_in_tables(shared: Program, seven: Objects) -> None:
    bce = seven[3]
    runs, show, status = (shared(*words).stdout for words in (("runs",), ("show", bce["id"]), ("status",)))
    line = next(line for line in runs.splitlines() if re.match(rf"\s*{bce['id']} ", line))
    test = f"{bce['test']['loss']:.3f}"
    for word in ("bce", "circles", "50/50", test, f"{bce['test']['metric']:.3f}", "cpu", "finished"):
        assert word in line
    assert f"Train: {bce['train']['loss']:.3f}, Test: {test}" in show
    assert len(re.findall(r"(?m)^ +\d+  ", show)) == 50
    assert f"store: {shared.store_path}\n" in status
    assert "ready" in status
    for text in (runs, show, status):
        assert "\x1b" not in text
        assert not re.search("[\u2500-\u257f]", text), "no box characters in a pipe"


def test_piped_it_prints_plain_lines_and_a_table(shared: Program) -> None:
    done = shared("run", "--loss", "mse", "--loss", "msle", "--epochs", 2, "--seed", 5)
    assert done.stderr == ""
    ends = re.findall(
        r"^run \d+: (\w+) on regression, seed 5: Train: (\d\.\d{3}), Test: (\d\.\d{3}) \(", done.stdout, re.M
    )
    assert [end[0] for end in ends] == ["mse", "msle"]
    table = done.stdout.split("status\n")[1].split("\n\n")[0].splitlines()
    assert [line.split()[1] for line in table] == ["mse", "msle"]
    assert ends[0][1] in table[0].split()
    assert "\x1b" not in done.stdout


def test_one_seed_gives_the_same_numbers_twice(shared: Program) -> None:
    words = ("run", "--loss", "hinge", "--epochs", 3, "--json")
    done = shared(*words, "--seed", 7, "--seed", 8, "--seed", 7)
    first, other, again = (json.loads(line) for line in done.stdout.splitlines())
    assert (first["train"], first["test"]) == (again["train"], again["test"])
    assert first["test"] != other["test"]
    histories = [shared.json("show", run["id"])["history"] for run in (first, again)]
    for history in histories:
        for epoch in history:
            del epoch["seconds"]
    assert histories[0] == histories[1]


def test_a_run_that_diverges_ends_with_1_and_says_where_and_what_helps(shared: Program) -> None:
    words = ("--loss", "mse", "--loss", "mape", "--learning-rate", 100, "--momentum", 0.99, "--epochs", 200)
    done = shared("run", *words, "--json", code=1)
    run, mape = (json.loads(line) for line in done.stdout.splitlines())
    assert (run["status"], run["test"]["loss"]) == ("diverged", None)
    assert 0 < run["epochs"] < 200
    assert f"diverged at epoch {run['epochs']}" in done.stderr
    said = [shared.json("show", one["id"])["message"] for one in (run, mape)]
    assert said[0].startswith(f"diverged at epoch {run['epochs']}")
    assert said[0].endswith("; a smaller learning rate helps (it was 100)")
    assert said[1].endswith("; a smaller learning rate helps (it was 100; mape trains with 0.00001)")


def test_a_gpu_that_is_not_there_is_an_error_that_says_why(program: Program) -> None:
    done = program("run", "--loss", "mse", "--device", "gpu", "--json", code=1)
    run = json.loads(done.stdout)
    assert (run["status"], run["epochs"]) == ("failed", 0)
    assert "CUDA_VISIBLE_DEVICES hides every GPU" in done.stderr
    assert "CUDA_VISIBLE_DEVICES hides every GPU" in program.json("show", 1)["message"]


def test_detached_runs_train_on_without_the_command(shared: Program) -> None:
    done = shared("run", "--loss", "mae", "--loss", "bce", "--epochs", 2, "--detach", "--json")
    queued = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(list(run)[: len(KEYS)], run["train"]) for run in queued] == [(KEYS, {"loss": None, "metric": None})] * 2
    for run in queued:
        assert shared.ended(run["id"]).status == "finished"


def test_status_counts_what_waits_and_trains(shared: Program) -> None:
    first, second = shared.queue("--loss", "mse", "--loss", "mae", "--epochs", 1_000_000)
    shared.reached(first, 1)
    status = shared.json("status")
    assert list(status) == ["store", "queued", "running", "trainers"]
    assert (status["store"], status["queued"], status["running"]) == (str(shared.store_path), 1, 1)
    (trainer,) = status["trainers"]
    assert list(trainer) == ["pid", "state", "device"]
    assert (trainer["pid"], trainer["state"], trainer["device"]) == (shared.trainers()[0], "training", "cpu")
    said = shared("stop", "all").stdout
    assert f"run {second}: stopped before it started" in said
    assert f"run {first} stops after its present epoch" in said
    assert shared.ended(first).status == "stopped"
    assert shared("stop", "all").stdout == "nothing is queued or training\n"


def test_stop_and_resume_say_what_became_of_the_run(shared: Program) -> None:
    (run_id,) = shared.queue("--loss", "mse", "--epochs", 1_000_000)
    shared.reached(run_id, 1)
    assert shared("stop", run_id).stdout == f"run {run_id} stops after its present epoch\n"
    done = shared.ended(run_id).epochs_done
    assert shared("stop", run_id).stdout == f"run {run_id} has ended already: stopped\n"
    assert shared("resume", run_id).stdout == f"run {run_id} is queued again and goes on from epoch {done}\n"
    shared.reached(run_id, done + 1)
    assert "it is training" in shared("resume", run_id, code=2).stderr
    with shared.store() as store:
        store.pause(run_id)
    shared.wait(lambda: shared.look(run_id).status == "paused")
    assert shared("resume", run_id).stdout == f"run {run_id} goes on\n"
    shared.reached(run_id, shared.look(run_id).epochs_done + 1)
    shared("stop", run_id)
    assert shared.ended(run_id).status == "stopped"


def test_what_has_finished_cannot_be_resumed(shared: Program, seven: Objects) -> None:
    done = shared("resume", seven[0]["id"], code=2)
    assert done.stdout == ""
    assert done.stderr == f"lossterm: id: run {seven[0]['id']} cannot be resumed: it has trained all its epochs\n"


def test_a_reader_that_goes_away_is_no_drama(shared: Program, seven: Objects) -> None:
    listing = shared.start("export", seven[0]["id"], "--format", "csv", "--to", "-")
    assert listing.stdout is not None
    assert listing.stderr is not None
    listing.stdout.close()
    assert listing.stderr.read() == ""
    assert listing.wait(timeout=60) in (0, 1)
    listing.stderr.close()
