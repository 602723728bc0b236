"""The data of a run on a person's own file: how it is read, split and prepared, with the steps that do something."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from ...catalog import DataFile
from ...config import RunConfig
from ..tables import datasets, files, reading
from ..tables.columns import MISSING, MOST_CATEGORIES
from ..tables.datasets import ReadFile
from ..tables.features import fewest_of_category
from .catalogue_data import add_corruption
from .file_split import add_split
from .section import NUMPY, SCALER, NoScriptError, Section, call, listing, literal

_POLARS = "import polars as pl"
_IMPUTER = "from sklearn.impute import SimpleImputer"
_ONE_HOT = "from sklearn.preprocessing import OneHotEncoder"


@dataclass(frozen=True)
class _Raw:
    """A file as polars or NumPy gives it, before anything is done to its values.

    Attributes:
        table: its rows.
        lines: that read it as `table`.
        imports: what these need.
    """

    table: pl.DataFrame
    lines: list[str]
    imports: list[str]


def file_data(config: RunConfig, file: DataFile) -> Section:
    """The section that makes `x_train`, `y_train` and the like from a person's file, which is read to write it.

    Raises:
        NoScriptError: the file is gone, or another one.
    """
    try:
        datasets.check_unchanged(file)
        raw = _raw(Path(file.path))
        read = datasets.read_file(Path(file.path), file.choices)
    except files.DataFileError as error:
        raise NoScriptError(str(error)) from error
    section = Section(f"Data: {file.name}, a file of {file.size:,} bytes with SHA-256 {file.sha256}", imports={NUMPY})
    section.add(*raw.lines, imports=[_POLARS, *raw.imports])
    if raw.table.columns != (names := _names(read, raw)):
        section.add(*listing("table.columns", names))
    table = raw.table.rename(dict(zip(raw.table.columns, names, strict=True)))
    _add_cleaning(section, file, table, read)
    section.add("")
    _add_targets(section, file, read)
    add_split(section, file, read)
    section.add("")
    _add_features(section, table, read)
    for name in "xy":
        parts = ", ".join(f"{name}_{part}" for part in ("train", "validation", "test"))
        section.add(f"{parts} = (features[rows] for rows in (train, validation, test))".replace("features", name))
    if file.task == "regression":
        section.add(
            "mean, scale = y_train.mean(), y_train.std()",
            "y_train, y_validation, y_test = ((part - mean) / scale for part in (y_train, y_validation, y_test))",
        )
    add_corruption(section, config)
    return section


def _names(read: ReadFile, raw: _Raw) -> list[str]:
    """The names of the columns as lossterm has them."""
    names = read.table.columns
    assert len(names) == raw.table.width
    return names


def _raw(path: Path) -> _Raw:
    """Read a file as the script will."""
    with files.opened(path) as opened:
        packed = opened.path != path and opened.form != "csv"  # polars unpacks CSV itself
        place = f"gzip.open({literal(str(path))})" if packed else literal(str(path))
        imports = ["import gzip"] if packed else []
        if opened.form == "parquet":
            lines = [f"table = pl.read_parquet({place}, glob=False)"]
            return _Raw(pl.read_parquet(opened.path, glob=False), lines, imports)
        if opened.form == "npz":
            return _Raw(reading.read_table(opened), _npz_lines(opened.path, place), imports)
        form = reading.csv_form(opened)
        table, guessed = reading.parse_csv(opened.path, form)
        options = {name: value for name, value in form.options.items() if name != "has_header"}
        options["infer_schema_length"] = guessed
        if options["separator"] == ",":
            del options["separator"]
        words = [f"{name}={literal(value)}" for name, value in options.items()]
        return _Raw(table, call("table = pl.read_csv(", [place, *words]), imports)


def _npz_lines(path: Path, place: str) -> list[str]:
    with np.load(path, allow_pickle=False) as arrays:
        bytes_too = any(arrays[name].dtype.kind == "S" for name in arrays.files)
    decoded = ['        array = np.char.decode(array, "utf-8", "replace") if array.dtype.kind == "S" else array']
    return [
        "columns = {}",
        f"with np.load({place}) as arrays:",
        "    for name, array in arrays.items():",
        *(decoded if bytes_too else []),
        "        if array.ndim == 1:",
        "            columns[name] = array",
        "        elif array.ndim == 2:",
        '            columns |= {f"{name}_{place}": array[:, place] for place in range(array.shape[1])}',
        "table = pl.DataFrame(columns)",
    ]


# -- values ---------------------------------------------------------------------------------------------------------


def _add_cleaning(section: Section, file: DataFile, raw: pl.DataFrame, read: ReadFile) -> None:
    """Add what is done to values before they are used: blanks, words for gaps, numbers written as words."""
    used = _used(read)
    words = [name for name in used if raw[name].dtype == pl.String]
    changed = [name for name in words if not raw[name].equals(raw[name].str.strip_chars().replace(MISSING, None))]
    if changed:
        section.add(
            *listing("words", changed),
            f"table = table.with_columns(pl.col(words).str.strip_chars().replace({literal(MISSING)}, None))",
        )
    numbers = [name for name in words if read.table[name].dtype.is_numeric()]
    numbers += [name for name in used if isinstance(raw[name].dtype, pl.Decimal) or raw[name].dtype == pl.Int128]
    if numbers:
        section.add(*listing("numbers", numbers), "table = table.with_columns(pl.col(numbers).cast(pl.Float64))")
    categories = [name for name in used if raw[name].dtype in (pl.Categorical, pl.Enum)]
    if categories:
        section.add(*listing("words", categories), "table = table.with_columns(pl.col(words).cast(pl.String))")
    target = f"pl.col({literal(file.target)})"
    if read.without_target:
        not_finite = raw[file.target].dtype.is_float() and not raw[file.target].drop_nulls().is_finite().all()
        known = f"{target}.is_finite()" if not_finite else f"{target}.is_not_null()"
        section.add(f"table = table.filter({known})  # {read.without_target} rows have no target")


def _used(read: ReadFile) -> list[str]:
    return [column.name for column in read.columns if column.role != "left out"]


def _add_targets(section: Section, file: DataFile, read: ReadFile) -> None:
    target = f"table[{literal(file.target)}]"
    if file.task == "regression":
        section.add(f"y = {target}.cast(pl.Float64).to_numpy()")
        return
    names = listing("classes", file.classes)
    section.add(*names)
    cast = ".cast(pl.Int8)" if read.table[file.target].dtype == pl.Boolean else ""
    section.add(f'y = {target}{cast}.rank("dense").cast(pl.Int64).to_numpy() - 1  # numbers of the classes')


def _add_features(section: Section, table: pl.DataFrame, read: ReadFile) -> None:
    """Add what makes `x`, (rows, features), of the columns, by what the training rows say alone."""
    roles = {role: [column.name for column in read.columns if column.role == role] for role in _ROLES}
    raw = dict(zip(_features(read), read.raw.T, strict=True))
    parts = []
    for role, names in roles.items():
        if names:
            section.add(*listing(_ROLES[role], names))
            parts.append(_ROLES[role])
    for role in ("number", "boolean"):
        if not roles[role]:
            continue
        name = _ROLES[role]
        values = np.stack([raw[its] for its in roles[role]], axis=1)
        section.add(f"{name} = table.select(pl.col({name}).cast(pl.Float32)).to_numpy()")
        numbers = table.select(pl.col(roles[role]).cast(pl.Float64, strict=False).cast(pl.Float32).is_infinite().any())
        if any(numbers.row(0)):
            section.add(f"{name} = np.where(np.isfinite({name}), {name}, np.nan)  # what float32 cannot hold")
        gaps = np.isnan(values)
        if gaps.any():
            _add_imputed(section, name, "median" if role == "number" else "most_frequent", gaps[read.split.train])
        if role == "number":
            section.add(f"{name} = StandardScaler().fit({name}[train]).transform({name})", imports=[SCALER])
    if roles["category"]:
        options = [
            'handle_unknown="infrequent_if_exist"',
            f"max_categories={MOST_CATEGORIES}",
            f"min_frequency={fewest_of_category(len(read.split.train))}",
            "sparse_output=False",
        ]
        section.add(
            'categories = table.select(pl.col(categories).fill_null("")).to_numpy()',
            *call("one_hot = OneHotEncoder(", options),
            "categories = one_hot.fit(categories[train]).transform(categories)",
            imports=[_ONE_HOT],
        )
    whole = parts[0] if len(parts) == 1 else f"np.hstack([{', '.join(parts)}])"
    section.add(f"x = {whole}.astype(np.float32)")


_ROLES = {"number": "numbers", "boolean": "booleans", "category": "categories"}
"""The roles of columns that are trained on, in the order of the features, and what the script calls them."""


def _add_imputed(
    section: Section, name: str, strategy: str, gaps: np.ndarray[tuple[int, ...], np.dtype[np.bool]]
) -> None:
    """Add what fills gaps; `gaps` are those of the training rows, (rows, columns)."""
    empty = ", keep_empty_features=True" if gaps.all(axis=0).any() else ""
    section.add(
        f'gaps = SimpleImputer(strategy="{strategy}"{empty}).fit({name}[train])',
        f"{name} = gaps.transform({name})",
        imports=[_IMPUTER],
    )


def _features(read: ReadFile) -> Sequence[str]:
    """The names of the columns that are trained on, in the order of `ReadFile.raw`."""
    return [column.name for column in read.columns if column.role in _ROLES]
