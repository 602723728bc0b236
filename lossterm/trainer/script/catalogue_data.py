"""The data of a run on a dataset of the catalogue: its rows, their split, preparation and corruption."""

from __future__ import annotations

from ...catalog.tasks import OUTLIER
from ...config import RunConfig
from .generator import add_rows
from .section import NUMPY, SCALER, SPLIT, Section

_PARTS = ("train", "validation", "test")


def catalogue_data(config: RunConfig) -> Section:
    """The section that makes `x_train`, `y_train` and the like: features and real targets, or class numbers."""
    entry = config.dataset_entry
    section = Section(f"Data: {entry.name}. {_split_words(config)}", imports={NUMPY})
    add_rows(section, config)
    if entry.split == "shuffled":
        _add_shuffled(section, config)
    else:
        _add_first(section, config)
    _add_validation(section, config)
    if entry.standardised:
        _add_standardised(section, config)
    add_corruption(section, config)
    return section


def parts_of(config: RunConfig) -> tuple[str, ...]:
    """The names of the sets that a run has."""
    return _PARTS if config.held_out_rows else ("train", "test")


def _split_words(config: RunConfig) -> str:
    if config.held_out_rows:
        return f"{config.held_out_rows} of the rows to train on are held out for validation."
    return "The test set is the validation set, as in the tutorial."


def _add_shuffled(section: Section, config: RunConfig) -> None:
    rows, entry = config.samples - config.test_rows, config.dataset_entry
    few = min(rows, config.test_rows) < entry.classes
    alike = ", stratify=y" if entry.task.has_classes and not few else ""
    section.add(
        "x_train, x_test, y_train, y_test = train_test_split(",
        f"    x, y, train_size={rows}, random_state={config.data_seed}{alike}",
        ")",
        imports=[SPLIT],
    )


def _add_first(section: Section, config: RunConfig) -> None:
    rows = config.samples - config.test_rows
    section.add(f"x_train, x_test = x[:{rows}], x[{rows}:]", f"y_train, y_test = y[:{rows}], y[{rows}:]")


def _add_validation(section: Section, config: RunConfig) -> None:
    if config.held_out_rows:
        rows = config.train_rows
        for name in "xy":
            section.add(f"{name}_train, {name}_validation = {name}_train[:{rows}], {name}_train[{rows}:]")


def _add_standardised(section: Section, config: RunConfig) -> None:
    names = [f"x_{part}" for part in parts_of(config)]
    section.add(
        "scaler = StandardScaler().fit(x_train.astype(np.float64))",
        f"{', '.join(names)} = (",
        f"    scaler.transform(part.astype(np.float64)).astype(np.float32) for part in ({', '.join(names)})",
        ")",
        imports=[SCALER],
    )
    if not config.task.has_classes:
        names = [f"y_{part}" for part in parts_of(config)]
        section.add(
            "scaler = StandardScaler().fit(y_train.reshape(-1, 1))",
            f"{', '.join(names)} = (",
            f"    scaler.transform(part.reshape(-1, 1))[:, 0].astype(np.float32) for part in ({', '.join(names)})",
            ")",
        )


def add_corruption(section: Section, config: RunConfig) -> None:
    """Add the lines that make some of the training targets wrong, if any are."""
    count = round(config.corruption * config.train_rows)
    if not count:
        return
    wrong = "labels are wrong" if config.task.has_classes else "targets have gross errors"
    section.add(
        f"# {count} of the {config.train_rows} training {wrong}.",
        f"random = np.random.default_rng({config.data_seed})",
        f"rows = random.permutation(len(y_train))[:{count}]",
        imports=[NUMPY],
    )
    if config.task.has_classes:
        classes = config.dataset_entry.classes
        section.add(f"y_train[rows] = (y_train[rows] + random.integers(1, {classes}, size={count})) % {classes}")
    else:
        section.add(f"y_train[rows] += {OUTLIER:g}")
