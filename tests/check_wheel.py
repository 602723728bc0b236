"""Check that a wheel holds every file that lossterm reads at run time, and the manual page."""

import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]


def main(wheel: str) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        path.relative_to(ROOT).as_posix()
        for pattern in ("*.py", "*.sql", "*.tcss", "py.typed")
        for path in (ROOT / "lossterm").rglob(pattern)
    }
    missing = sorted(wanted - held)
    if not any(name.endswith("/share/man/man1/lossterm.1") for name in held):
        missing.append("the manual page")
    if missing or not any(name.endswith("licenses/LICENSE") for name in held):
        sys.exit(f"{wheel} lacks {missing or 'its licence'}")
    print(f"{wheel}: all {len(wanted)} files of lossterm are there")


if __name__ == "__main__":
    main(sys.argv[1])
