"""Where Keras trains: the environment set before TensorFlow loads, and the devices it can really use."""

from __future__ import annotations

import gc
import json
import logging
import os
import platform
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

_log = logging.getLogger(__name__)

_SWITCHES = ("TF_DETERMINISTIC_OPS", "TF_ENABLE_ONEDNN_OPTS")
_XLA_FLAGS = ("XLA_FLAGS", "TF_XLA_FLAGS")
_POOLS = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")


class DeviceError(RuntimeError):
    """A device that was asked for and cannot be used; the message says why."""


@dataclass(frozen=True)
class Device:
    """One device that TensorFlow can train on.

    id: "cpu", or "gpu:0" with the number among the GPUs that this process was shown.
    name: the hardware's own name. tf_name: TensorFlow's name, for `tf.device`.
    note: what a person should be told about the choice, in one line; empty if nothing.
    """

    id: str
    name: str
    tf_name: str
    note: str = ""


def prepare_environment(device: str, threads: int | None = None) -> None:
    """Set what TensorFlow and Keras read from the environment as they load; call it before either is imported.

    Nothing of a person's Keras configuration counts, neither `~/.keras/keras.json` nor a `KERAS_*` variable, and
    `TF_*` variables that end TensorFlow or break its compiled functions are dropped. Left alone are `XLA_FLAGS` and
    `TF_XLA_FLAGS`: TensorFlow itself ends with the name of a flag that it does not know.

    Args:
        device: "auto", "cpu", "gpu" or "gpu:N"; "cpu" hides every GPU.
        threads: The size of TensorFlow's pools, for several trainers on one CPU; None leaves TensorFlow's own
            choice, one thread a core.
    """
    dropped = [name for name in os.environ if _breaks_training(name, os.environ[name])]
    for name in dropped:
        del os.environ[name]
    if dropped:
        _log.info("not heeded from the environment: %s", ", ".join(sorted(dropped)))
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ["KERAS_HOME"] = os.devnull  # no file can be read or made below it
    os.environ["TF_FORCE_GPU_ALLOW_GROWTH"] = "true"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")
    # oneDNN's allocator never gives memory back, and nets this small gain nothing from its kernels.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    if device == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    if threads is not None:
        for pool in (*_POOLS, "OMP_NUM_THREADS"):
            os.environ[pool] = str(threads)


def _breaks_training(name: str, value: str) -> bool:
    """Whether an environment variable could end TensorFlow or Keras, or change what they compute."""
    if name in _SWITCHES:  # TensorFlow aborts on other values
        return value.lower() not in ("0", "1", "false", "true")
    if name in _POOLS:
        return not (value.isascii() and value.isdecimal())
    return name.startswith("KERAS_") or name == "TF_FUNCTION_JIT_COMPILE_DEFAULT"


def load_tensorflow() -> str:
    """Import TensorFlow and Keras, and return TensorFlow's version; call it after `prepare_environment`.

    Without garbage collection, which finds nothing in an import and takes a sixth of its time; what was loaded
    is left out of later collections too. XLA reads its flags when it first compiles, and ends the process at one that
    it does not know; where any are given it compiles something at once, so that no run is lost to that.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        import keras
        import tensorflow as tf

        keras.Sequential  # noqa: B018  Keras loads what it is asked for
        if any(os.environ.get(name) for name in _XLA_FLAGS):
            with tf.device("/CPU:0"):
                tf.function(tf.identity, jit_compile=True, autograph=False)(tf.constant(0.0))
    finally:
        gc.freeze()
        if collecting:
            gc.enable()
    return str(tf.__version__)


@lru_cache(maxsize=32)
def detect(requested: str, first: int = 0) -> Device:
    """Choose the device to train on, trying a small step on a GPU before it is believed in.

    requested: "auto" takes the first GPU that works, else the CPU with a note that says why; "gpu" takes the
    first GPU that works; "gpu:N" that one; "cpu" the CPU. first: which of several GPUs is tried first, so that
    several trainers take one each; counted round. Raises DeviceError where a GPU was asked for by name
    and none can be used.
    """
    if requested == "cpu":
        return _cpu()
    physical = _prepare_gpus()
    if requested.startswith("gpu:"):
        return _gpu(physical, int(requested.removeprefix("gpu:")))
    reasons = []
    for step in range(len(physical)):
        try:
            return _gpu(physical, (first + step) % len(physical))
        except DeviceError as error:
            reasons.append(str(error))
    why = "; ".join(reasons) or _why_no_gpu()
    if requested == "gpu":
        raise DeviceError(why)
    return _cpu(f"no GPU: {why}; the CPU is used")


def list_devices() -> list[Device]:
    """Every device that Keras can train on here, the CPU first; a GPU that does not work is left out."""
    physical = _prepare_gpus()
    devices = [_cpu()]
    for number in range(len(physical)):
        try:
            devices.append(_gpu(physical, number))
        except DeviceError as error:
            devices[0] = _cpu(str(error))
    return devices if len(devices) > 1 or devices[0].note else [_cpu(f"no GPU: {_why_no_gpu()}")]


def _cpu(note: str = "") -> Device:
    return Device("cpu", _cpu_name(), "/CPU:0", note)


def _prepare_gpus() -> list[Any]:
    """The GPUs that TensorFlow sees, with memory growth on (which must come before anything touches one)."""
    import tensorflow as tf

    physical: list[Any] = tf.config.list_physical_devices("GPU")
    for gpu in physical:
        try:
            tf.config.experimental.set_memory_growth(gpu, True)
        except (RuntimeError, ValueError):  # already in use; TF_FORCE_GPU_ALLOW_GROWTH holds
            break
    return physical


def _gpu(physical: list[Any], number: int) -> Device:
    """The GPU of this number, after a small compiled step has run on it. Raises DeviceError if it does not."""
    import tensorflow as tf

    if number >= len(physical):
        seen = ", ".join(f"gpu:{i}" for i in range(len(physical)))
        raise DeviceError(f"gpu:{number} is not there: " + (f"TensorFlow sees {seen}" if seen else _why_no_gpu()))
    tf_name = f"/GPU:{number}"
    try:
        with tf.device(tf_name):
            ones = tf.ones([8, 8])
            product = tf.function(tf.matmul, jit_compile=True, autograph=False)(ones, ones)
        if f"GPU:{number}" not in product.device or float(product[0, 0]) != 8:
            raise DeviceError(f"gpu:{number} cannot be used: TensorFlow computed on {product.device}")
        details = tf.config.experimental.get_device_details(physical[number])
    except DeviceError:
        raise
    except (tf.errors.OpError, RuntimeError, ValueError) as error:
        reason = str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
        raise DeviceError(f"gpu:{number} cannot be used: {reason}") from error
    return Device(f"gpu:{number}", details.get("device_name", f"GPU {number}"), tf_name)


def _why_no_gpu() -> str:
    """Say why TensorFlow sees no GPU, as far as it can be told."""
    import tensorflow as tf

    if os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1"):
        return "CUDA_VISIBLE_DEVICES hides every GPU"
    if not tf.test.is_built_with_gpu_support():
        return "this TensorFlow is built without GPU support"
    if Path("/proc/driver/nvidia/version").exists():
        return "there is an NVIDIA driver, but TensorFlow cannot load CUDA (pip install 'lossterm[gpu]')"
    return "no NVIDIA driver is loaded"


@lru_cache(maxsize=1)
def _cpu_name() -> str:
    """The CPU's model name."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    for line in lines:
        key, _, value = line.partition(":")
        if key.strip() in ("model name", "Model") and value.strip():
            return value.strip()
    return platform.processor() or platform.machine() or "CPU"


def main() -> None:
    """Print what Keras can train on here as one line of JSON: a list of objects with `device`, `name` and `note`."""
    prepare_environment("auto")
    found = [{"device": entry.id, "name": entry.name, "note": entry.note} for entry in list_devices()]
    print(json.dumps(found))


if __name__ == "__main__":
    main()
