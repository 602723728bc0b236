"""Print what Keras can train on here as one line of JSON; run in a process of its own, for TensorFlow must load."""

from __future__ import annotations

import json

from . import device


def main() -> None:
    """Print a list of objects with `device`, `name` and `note`."""
    device.prepare_environment("auto")
    found = [{"device": entry.id, "name": entry.name, "note": entry.note} for entry in device.list_devices()]
    print(json.dumps(found))


if __name__ == "__main__":
    main()
