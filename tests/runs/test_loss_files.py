"""Files of own losses: read and looked through without being run, and allowed by the person alone."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from lossterm.catalog.own_loss import LossFile
from lossterm.config import ConfigError, RunConfig
from lossterm.runs.loss_files import (
    MOST_BYTES,
    LossFileError,
    LossSource,
    allow,
    check_name,
    find_losses,
    is_allowed,
    read_loss_file,
    unchanged,
)

TEXT = '''\
import functools

import keras
from elsewhere import taken


def squared(y_true, y_pred):
    """Mean squared error.

    More.
    """
    return 1


def with_default(y_true, y_pred, delta=1.0): ...
def any_number(*values): ...
def too_few(y_true): ...
def too_many(y_true, y_pred, weights): ...
def keyword_needed(y_true, y_pred, *, weights): ...
def _helper(y_true, y_pred): ...


class Own(keras.losses.Loss): ...
class Derived(Own): ...
class Huberlike(keras.losses.Huber): ...
class Other(dict): ...


halved = functools.partial(squared)
if True:
    nested, *others = squared, 1
'''


@pytest.fixture
def source(tmp_path: Path) -> LossSource:
    path = tmp_path / "losses.py"
    path.write_text(TEXT)
    return read_loss_file(path)


def config(source: LossSource, **settings: object) -> RunConfig:
    return RunConfig.of("losses.py:squared", loss_file=source.file, **settings)


def test_what_a_file_holds_is_read_with_its_absolute_path_and_its_hash(
    source: LossSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert source.text == TEXT
    assert source.file == LossFile(str(tmp_path / "losses.py"), hashlib.sha256(TEXT.encode()).hexdigest())
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "linked.py").symlink_to("losses.py")
    assert read_loss_file("folder/../losses.py") == source
    assert read_loss_file("linked.py").file == LossFile(str(tmp_path / "linked.py"), source.file.sha256)


def test_the_losses_of_a_file_are_found_without_running_it(source: LossSource) -> None:
    found = [(loss.name, loss.kind) for loss in find_losses(source)]
    assert found == [
        ("squared", "function"),
        ("with_default", "function"),
        ("any_number", "function"),
        ("Own", "class"),
        ("Derived", "class"),
        ("Huberlike", "class"),
    ]
    assert (find_losses(source)[0].line, find_losses(source)[0].summary) == (7, "Mean squared error.")


@pytest.mark.parametrize("name", ["squared", "halved", "taken", "nested", "others", "Own", "_helper"])
def test_every_name_that_a_file_binds_may_be_its_loss(name: str, source: LossSource) -> None:
    check_name(source, name)


def test_a_name_that_a_file_lacks_is_refused_with_those_that_are_there(source: LossSource) -> None:
    with pytest.raises(LossFileError, match="defines no 'cubed'; it has squared, with_default, any_number, Own"):
        check_name(source, "cubed")


def test_what_import_star_brings_is_not_refused(tmp_path: Path) -> None:
    (tmp_path / "star.py").write_text("from keras.losses import *\n")
    check_name(read_loss_file(tmp_path / "star.py"), "anything")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("def f(y_true, y_pred)\n", r"broken\.py, line 1: expected ':'"),
        ("x = 1\n\n  y = 2\n", r"broken\.py, line 3: unexpected indent"),
        ("x = '\0'\n", r"broken\.py.* null bytes"),
        ("(" * 5000, r"broken\.py"),
        ("-" * 100_000 + "1", r"broken\.py"),
    ],
)
def test_what_is_no_python_is_refused_in_a_line(text: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text(text)
    with pytest.raises(LossFileError, match=words) as refusal:
        find_losses(read_loss_file(tmp_path / "broken.py"))
    assert "\n" not in str(refusal.value)
    assert str(refusal.value).startswith("loss: ")


@pytest.mark.parametrize("kind", ["missing", "folder", "pipe", "device", "loop", "dangling", "binary", "long", "nul"])
def test_what_is_no_file_with_a_loss_is_refused_at_once(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "loss.py"
    words = {"missing": "no such file", "folder": "no regular file", "pipe": "no regular file", "nul": "names no file"}
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "loop":
        path.symlink_to(path)
    elif kind == "dangling":
        path.symlink_to(tmp_path / "nowhere.py")
    elif kind == "binary":
        path.write_bytes(b"\xff\xfe\xfa")
    elif kind == "long":
        path.write_text("#" * (MOST_BYTES + 1))
    elif kind == "nul":
        path = Path(f"{path}\0")
    with pytest.raises(LossFileError, match=words.get(kind, "loss.py")) as refusal:
        read_loss_file(path)
    assert "\n" not in str(refusal.value)


def test_only_a_file_that_the_person_asked_for_and_that_is_as_it_was_may_run(source: LossSource) -> None:
    path = Path(source.file.path)
    assert not is_allowed(source.file)
    with pytest.raises(LossFileError, match=r"not trained with by you .* lossterm run --loss /.*losses\.py:squared"):
        unchanged(config(source), 7)
    allow(source.file)
    assert unchanged(config(source), 7) == source
    path.write_text(TEXT + "# edited\n")
    with pytest.raises(LossFileError, match=r"has changed since the run was queued; .* lossterm show 7;"):
        unchanged(config(source), 7)
    with pytest.raises(LossFileError, match="not trained with by you"):
        unchanged(config(read_loss_file(path)), 8)
    path.unlink()
    with pytest.raises(LossFileError, match=r"no such file or directory; .* lossterm show 7;"):
        unchanged(config(source), 7)


def test_a_config_tells_two_versions_of_a_function_apart(source: LossSource) -> None:
    first = config(source)
    second = first.changed(loss_file=LossFile(source.file.path, "0" * 64))
    moved = first.changed(loss_file=LossFile("/elsewhere/losses.py", source.file.sha256))
    assert first.loss == "losses.py:squared"
    assert first.but_seed == first.changed(seed=2).but_seed == moved.but_seed != second.but_seed
    assert first.loss_entry.short == f"squared@{source.file.sha256[:4]}"
    assert second.loss_entry.short == "squared@0000"
    assert RunConfig.from_json(first.to_json()) == first
    assert first.changed(loss="mae").loss_file is None
    assert "loss_file" not in RunConfig.of("mse").to_json()


@pytest.mark.parametrize("dataset", ["regression", "circles", "blobs"])
def test_an_own_loss_fits_every_task(dataset: str, source: LossSource) -> None:
    assert config(source, dataset=dataset).output_layer == RunConfig.of("mse", dataset=dataset).output_layer


@pytest.mark.parametrize(
    ("loss", "file"),
    [
        ("losses.py:squared", None),
        ("losses.py:squared", {"path": "losses.py", "sha256": "0" * 64}),
        ("losses.py:squared", {"path": "/losses.py\n", "sha256": "0" * 64}),
        ("losses.py:squared", {"path": "/losses.py", "sha256": "0" * 63}),
        ("losses.py:squared", {"path": 7, "sha256": ["0"]}),
        ("losses.py:squared", "losses.py"),
        ("losses.py:not a name", {"path": "/losses.py", "sha256": "0" * 64}),
        ("mse", {"path": "/losses.py", "sha256": "0" * 64}),
    ],
)
def test_a_crafted_config_is_refused(loss: str, file: object) -> None:
    with pytest.raises(ConfigError, match=r"^loss"):
        RunConfig.of(loss, loss_file=file)
