"""What a fresh interpreter has loaded after importing a front end: nothing that takes seconds, or draws to a screen."""

from __future__ import annotations

import subprocess
import sys

import pytest

import lossterm

pytestmark = pytest.mark.integration  # each starts an interpreter


def loaded_by(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules)"], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "code",
    [
        "import lossterm.cli",
        "import lossterm.tui.app",
        "import lossterm.store, lossterm.supervisor.launch, lossterm.paths",
        "from lossterm.cli import export, history, machine, manage, run",
        "import lossterm.cli.progress_bars",
    ],
)
def test_no_front_end_loads_tensorflow(code: str) -> None:
    loaded = loaded_by(code)
    assert not loaded & {"tensorflow", "keras", "sklearn"}
    assert not {name for name in loaded if name.startswith("lossterm.trainer")}


def test_the_command_line_loads_nothing_it_does_not_need() -> None:
    assert not loaded_by("import lossterm.cli") & {"pydantic", "rich", "textual", "numpy", "sqlite3"}
    assert not loaded_by("import lossterm.cli.run") & {"textual", "numpy", "plotext"}


def test_the_version_needs_no_more_than_the_command_line() -> None:
    code = "from lossterm.cli import main\nmain(['--version'])\nimport sys\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    version, modules = done.stdout.splitlines()
    assert version == f"lossterm {lossterm.__version__}"
    assert not set(modules.split()) & {"pydantic", "rich", "textual", "numpy", "sqlite3"}
