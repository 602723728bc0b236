"""A data file as a table: CSV with any delimiter, Parquet, or NumPy's .npz."""

from __future__ import annotations

import codecs
import csv
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from .columns import MISSING
from .files import MOST_BYTES, DataFileError, OpenedFile

MOST_COLUMNS = 10_000
MOST_ROWS = 10_000_000
MOST_CELLS = 400_000_000
_DELIMITERS = ",;\t|"
_START = 2**16
_SNIFFED_LINES = 50
_CHECKED_BYTES = 32 * 2**20
"""Up to this size every line of a CSV is counted, so that a short one is found."""
_GUESSED_ROWS = 10_000
_DECIMAL_COMMA = re.compile(r"(?:^|;)\s*-?\d+,\d+\s*(?:;|$)", re.MULTILINE)
_DECIMAL_POINT = re.compile(r"(?:^|;)\s*-?\d+\.\d+\s*(?:;|$)", re.MULTILINE)


def read_table(file: OpenedFile) -> pl.DataFrame:
    """Read a whole file.

    Returns:
        Its rows in the file's order. A column without a name is called after its place.

    Raises:
        DataFileError: it is no table, or one that is too large; two columns share a name.
    """
    table = {"csv": _read_csv, "parquet": _read_parquet, "npz": _read_npz}[file.form](file)
    if not table.height:
        raise DataFileError(f"data: {file.named} has a header but no rows")
    _check_size(file, table.height, table.width)
    return table


def _check_size(file: OpenedFile, rows: int, columns: int) -> None:
    if columns > MOST_COLUMNS:
        raise DataFileError(f"data: {file.named} has {columns:,} columns; at most {MOST_COLUMNS:,} are read")
    if rows > MOST_ROWS or rows * columns > MOST_CELLS:
        raise DataFileError(
            f"data: {file.named} has {rows:,} rows of {columns:,} columns; at most {MOST_ROWS:,} rows and "
            f"{MOST_CELLS:,} values are read"
        )


# -- CSV --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CsvForm:
    """How a CSV file is written.

    Attributes:
        names: of its columns.
        options: what polars is told of it, by keyword.
    """

    names: list[str]
    options: dict[str, Any]


def csv_form(file: OpenedFile) -> CsvForm:
    """Find out how a CSV file is written, from its start.

    Raises:
        DataFileError: it is no table, or its lines are not alike.
    """
    with file.path.open("rb") as opened:
        start = opened.read(_START)
    text = _decoded(start, file)
    delimiter, header = _sniffed(text, file)
    names = _names(header, file)
    options: dict[str, Any] = {"separator": delimiter, "null_values": MISSING, "has_header": True, "glob": False}
    if delimiter == ";" and _DECIMAL_COMMA.search(text) and not _DECIMAL_POINT.search(text):
        options["decimal_comma"] = True
    return CsvForm(names, options)


def _read_csv(file: OpenedFile) -> pl.DataFrame:
    form = csv_form(file)
    delimiter, names = form.options["separator"], form.names
    _check_size(file, 0, len(names))
    if file.path.stat().st_size <= _CHECKED_BYTES:
        _check_lines(file, delimiter, len(names))
    try:
        table, _ = parse_csv(file.path, form)
    except (pl.exceptions.PolarsError, UnicodeDecodeError, OverflowError) as error:
        words = str(error).strip().partition("\n")[0][:120]
        if "utf-8" in words.lower():
            raise DataFileError(_not_utf8(file)) from None
        _check_lines(file, delimiter, len(names))
        raise DataFileError(f"data: {file.named} cannot be read as CSV: {words}") from None
    if table.width != len(names):
        raise DataFileError(f"data: {file.named} cannot be read as CSV: its header is not one line")
    table.columns = names
    return table


def parse_csv(path: Path, form: CsvForm) -> tuple[pl.DataFrame, int | None]:
    """Read a CSV file with polars; the table, and from how many rows its types were guessed (None: from all)."""
    try:
        return pl.read_csv(path, infer_schema_length=_GUESSED_ROWS, **form.options), _GUESSED_ROWS
    except pl.exceptions.ComputeError as error:
        if "could not parse" not in str(error):
            raise
        return pl.read_csv(path, infer_schema_length=None, **form.options), None  # a value far down has another type


def _decoded(start: bytes, file: OpenedFile) -> str:
    if b"\0" in start:
        raise DataFileError(f"data: {file.named} is not text: it has NUL bytes; give CSV in UTF-8, Parquet or .npz")
    try:
        return codecs.getincrementaldecoder("utf-8-sig")().decode(start)
    except UnicodeDecodeError:
        raise DataFileError(_not_utf8(file)) from None


def _not_utf8(file: OpenedFile) -> str:
    return f"data: {file.named} is not UTF-8 text; save it as CSV in UTF-8"


def _sniffed(text: str, file: OpenedFile) -> tuple[str, list[str]]:
    """The delimiter and the header's fields: the delimiter that cuts most lines into as many fields as the header."""
    lines = text.split("\n")
    lines = [line.rstrip("\r") for line in (lines[:-1] if len(lines) > 1 else lines)][:_SNIFFED_LINES]
    best: tuple[float, int, str, list[str]] = (-1.0, 0, ",", [])
    try:
        for delimiter in _DELIMITERS:
            rows = [row for row in csv.reader(lines, delimiter=delimiter) if row]
            if not rows:
                continue
            width = len(rows[0])
            alike = sum(len(row) == width for row in rows) / len(rows) if width > 1 else 0.0
            best = max(best, (alike, width, delimiter, rows[0]), key=lambda found: found[:2])
    except csv.Error as error:
        raise DataFileError(f"data: {file.named} cannot be read as CSV: {error}") from None
    return best[2], best[3]


def _check_lines(file: OpenedFile, delimiter: str, width: int) -> None:
    """Refuse a row that has other than `width` values, with its line. Raises DataFileError."""
    with file.path.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        reader = csv.reader(lines, delimiter=delimiter)
        try:
            for row in reader:
                if row and len(row) != width:
                    raise DataFileError(
                        f"data: {file.named}: line {reader.line_num} has {len(row)} values, and the header {width}"
                    )
        except csv.Error as error:
            raise DataFileError(f"data: {file.named}: line {reader.line_num}: {error}") from None


def _names(given: Sequence[str], file: OpenedFile) -> list[str]:
    """The columns' names, each once; one that is empty is called after its place."""
    names = [name.strip() or f"column {place}" for place, name in enumerate(given, 1)]
    places: dict[str, int] = {}
    for place, name in enumerate(names, 1):
        if name in places:
            raise DataFileError(
                f"data: {file.named} has two columns named {name[:40]!r} ({places[name]} and {place}); rename one"
            )
        places[name] = place
    return names


# -- Parquet and .npz -------------------------------------------------------------------------------------------


def _read_parquet(file: OpenedFile) -> pl.DataFrame:
    try:
        scan = pl.scan_parquet(file.path, glob=False)
        rows = int(scan.select(pl.len()).collect().item())
        _check_size(file, rows, len(scan.collect_schema()))
        table = pl.read_parquet(file.path, glob=False)
    except DataFileError:
        raise
    except (Exception, pl.exceptions.PanicException) as error:  # what damaged bytes raise is not documented
        words = str(error).strip().partition("\n")[0][:120]
        raise DataFileError(f"data: {file.named} cannot be read as Parquet: {words}") from None
    table.columns = _names(table.columns, file)
    return table


def _read_npz(file: OpenedFile) -> pl.DataFrame:
    """The arrays of a .npz as columns; one of two dimensions is a column each of its own."""
    try:
        with zipfile.ZipFile(file.path) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > MOST_BYTES:
                raise DataFileError(f"data: {file.named} unpacks to more than {MOST_BYTES // 2**30} GiB")
        with np.load(file.path, allow_pickle=False) as arrays:
            columns = [pair for name in arrays.files for pair in _columns(name, arrays[name], file)]
    except DataFileError:
        raise
    except (ValueError, OSError, EOFError, KeyError, zipfile.BadZipFile, MemoryError, NotImplementedError) as error:
        words = str(error).strip().partition("\n")[0][:120]
        raise DataFileError(f"data: {file.named} cannot be read as .npz: {words}") from None
    if not columns:
        raise DataFileError(f"data: {file.named} has no arrays of one or two dimensions")
    lengths = {len(values) for _, values in columns}
    if len(lengths) > 1:
        raise DataFileError(f"data: {file.named} has arrays of different lengths ({', '.join(map(str, lengths))})")
    names = _names([name for name, _ in columns], file)
    return pl.DataFrame({name: pl.Series(name, values) for name, (_, values) in zip(names, columns, strict=True)})


def _columns(name: str, array: Any, file: OpenedFile) -> list[tuple[str, Any]]:
    if array.dtype.kind not in "biufUSM":
        raise DataFileError(f"data: {file.named}: the array {name[:40]!r} holds neither numbers nor text")
    if array.dtype.kind == "S":
        array = np.char.decode(array, "utf-8", "replace")
    if array.ndim == 1:
        return [(name, np.ascontiguousarray(array))]
    if array.ndim == 2:
        _check_size(file, *array.shape)
        return [(f"{name}_{place}", np.ascontiguousarray(array[:, place])) for place in range(array.shape[1])]
    return []
