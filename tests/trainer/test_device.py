"""The choice of device, and what is set before TensorFlow loads."""

from __future__ import annotations

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from lossterm.trainer import device
from lossterm.trainer.device import DeviceError, detect, list_devices, prepare_environment

pytestmark = pytest.mark.keras


@pytest.fixture
def fresh() -> None:
    detect.cache_clear()


def test_cpu_is_the_cpu_by_its_own_name() -> None:
    found = detect("cpu")
    assert (found.id, found.tf_name, found.note) == ("cpu", "/CPU:0", "")
    assert found.name


@pytest.mark.usefixtures("fresh")
def test_auto_without_a_gpu_takes_the_cpu_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "_prepare_gpus", list)
    found = detect("auto")
    assert found.id == "cpu"
    assert found.note.startswith("no GPU: ")
    assert found.note.endswith("; the CPU is used")


@pytest.mark.usefixtures("fresh")
@pytest.mark.parametrize("asked", ["gpu", "gpu:0", "gpu:7"])
def test_a_gpu_that_is_asked_for_and_not_there_is_an_error(asked: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "_prepare_gpus", list)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    with pytest.raises(DeviceError, match="CUDA_VISIBLE_DEVICES hides every GPU"):
        detect(asked)


@pytest.mark.usefixtures("fresh")
def test_a_gpu_that_computes_nothing_is_not_believed_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """TensorFlow places a step for a GPU that it cannot use on the CPU, without a word."""
    monkeypatch.setattr(device, "_prepare_gpus", lambda: [SimpleNamespace(name="/physical_device:GPU:5")] * 6)
    with pytest.raises(DeviceError, match=r"gpu:5 cannot be used: TensorFlow computed on .*CPU:0"):
        detect("gpu:5")
    with pytest.raises(DeviceError, match=r"gpu:9 is not there: TensorFlow sees gpu:0, .*gpu:5"):
        detect("gpu:9")
    if not _has_gpu():
        assert "gpu:0 cannot be used" in detect("auto").note
        assert [found.id for found in list_devices()] == ["cpu"]


def _has_gpu() -> bool:
    import tensorflow as tf

    return bool(tf.config.list_physical_devices("GPU"))


def test_devices_are_listed_with_the_cpu_first() -> None:
    found = list_devices()
    assert found[0].id == "cpu"
    assert found[0].note or len(found) > 1


def test_the_environment_is_set_for_keras_on_tensorflow(monkeypatch: pytest.MonkeyPatch) -> None:
    environment = {"KERAS_BACKEND": "jax", "CUDA_VISIBLE_DEVICES": "0", "TF_ENABLE_ONEDNN_OPTS": "1"}
    monkeypatch.setattr(os, "environ", environment)
    prepare_environment("auto")
    assert environment["KERAS_BACKEND"] == "tensorflow"
    assert environment["TF_FORCE_GPU_ALLOW_GROWTH"] == "true"
    assert environment["CUDA_VISIBLE_DEVICES"] == "0"
    assert environment["TF_ENABLE_ONEDNN_OPTS"] == "1"
    assert "OMP_NUM_THREADS" not in environment
    prepare_environment("cpu", threads=1)
    assert environment["CUDA_VISIBLE_DEVICES"] == "-1"
    assert environment["TF_NUM_INTRAOP_THREADS"] == environment["TF_NUM_INTEROP_THREADS"] == "1"


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("KERAS_MAX_EPOCHS", "2", False),
        ("KERAS_NNX_ENABLED", "1", False),
        ("TF_FUNCTION_JIT_COMPILE_DEFAULT", "1", False),
        ("TF_NUM_INTRAOP_THREADS", "-3", False),
        ("TF_NUM_INTEROP_THREADS", "4", True),
        ("TF_DETERMINISTIC_OPS", "yes", False),
        ("TF_DETERMINISTIC_OPS", "1", True),
        ("XLA_FLAGS", "--xla_gpu_cuda_data_dir=/opt/cuda", True),
    ],
)
def test_variables_that_break_training_are_dropped(
    name: str, value: str, kept: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = {name: value}
    monkeypatch.setattr(os, "environ", environment)
    prepare_environment("auto")
    assert environment.get(name) == (value if kept else None)


PROGRAM = """
import gc, os
from lossterm.trainer.device import load_tensorflow, prepare_environment
prepare_environment("cpu", threads={threads})
version = load_tensorflow()
import tensorflow as tf
assert version == tf.__version__ and gc.isenabled() and gc.get_freeze_count() > 0
tf.matmul(tf.ones([300, 300]), tf.ones([300, 300])).numpy()
print(len(os.listdir("/proc/self/task")))
"""


@pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="counts threads in /proc")
def test_thread_pools_take_their_size_from_the_environment() -> None:
    threads = 4 * (os.cpu_count() or 1) + 16
    program = PROGRAM.format(threads=threads)
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    assert int(result.stdout) > threads


@pytest.mark.parametrize("name", ["XLA_FLAGS", "TF_XLA_FLAGS"])
def test_an_unknown_xla_flag_ends_a_trainer_as_it_loads_with_its_name(name: str) -> None:
    """Not later, in the middle of a run."""
    code = "from lossterm.trainer import device; device.prepare_environment('cpu'); device.load_tensorflow()"
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, name: "--nonsense"}, capture_output=True, text=True
    )
    assert done.returncode != 0
    assert f"Unknown flag in {name}: --nonsense" in done.stderr.strip().splitlines()[-1]
