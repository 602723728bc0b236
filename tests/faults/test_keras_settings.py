"""What a person has set for their own Keras and TensorFlow changes no number and breaks nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ..conftest import Program

RUN = ("run", "--loss", "mse", "--loss", "cce", "--epochs", 3, "--samples", 400, "--seed", 5, "--json")

FILES = {
    "float64": '{"floatx": "float64", "epsilon": 0.1, "backend": "jax", "image_data_format": "channels_first"}',
    "float16": '{"floatx": "float16", "backend": "torch"}',
    "nonsense": '{"floatx": "float8", "epsilon": "much", "image_data_format": 3, "nnx_enabled": true}',
}
VARIABLES = {
    "KERAS_BACKEND": "torch",
    "KERAS_MAX_EPOCHS": "1",
    "KERAS_MAX_STEPS_PER_EPOCH": "1",
    "KERAS_NNX_ENABLED": "true",
    "TF_DETERMINISTIC_OPS": "sometimes",
    "TF_FUNCTION_JIT_COMPILE_DEFAULT": "1",
    "TF_NUM_INTRAOP_THREADS": "-3",
    "TF_USE_LEGACY_KERAS": "1",
}


def scores(program: Program) -> list[tuple[Any, ...]]:
    """The scores of two short runs."""
    found = [json.loads(line) for line in program(*RUN).stdout.splitlines()]
    return [(run["status"], run["epochs"], run["train"], run["test"]) for run in found]


@pytest.fixture(scope="module")
def usual(shared: Program) -> list[tuple[Any, ...]]:
    """The scores where nothing is set."""
    return scores(shared)


def write_keras_json(program: Program, text: str) -> Path:
    path = Path(program.environment["HOME"]) / ".keras" / "keras.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


@pytest.mark.parametrize("kind", ["float64", "nonsense", pytest.param("float16", marks=pytest.mark.slow)])
def test_the_persons_keras_json_does_not_matter(kind: str, program: Program, usual: list[tuple[Any, ...]]) -> None:
    path = write_keras_json(program, FILES[kind])
    if kind == "nonsense":
        program.environment.update(VARIABLES)
    assert scores(program) == usual
    assert path.read_text() == FILES[kind], "it is the person's"


def test_the_tools_do_not_heed_it_either(shared: Program, program: Program, usual: list[tuple[Any, ...]]) -> None:
    """`devices` and `export`, each in a process of its own; no file is made in the person's home."""
    program.environment.update(VARIABLES)
    cpu = program.json("devices")[0]
    assert cpu["device"] == "cpu"
    assert cpu["name"]
    assert "no GPU" in cpu["note"]
    assert not (Path(program.environment["HOME"]) / ".keras").exists()
    write_keras_json(program, FILES["nonsense"])
    target = Path(program.environment["HOME"]) / "model.keras"
    known = shared.json("runs")[0]["id"]
    Program(shared.store_path, program.environment)("export", known, "--format", "keras", "--to", target)
    assert target.stat().st_size > 0
