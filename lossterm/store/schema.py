"""The store's schema: the SQL of each version, and whether a file's schema is one that these steps make."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from functools import lru_cache
from importlib import resources

from .configs import config_of_columns

APPLICATION_ID = 0x4C4F5353  # "LOSS": marks the file as lossterm's in SQLite's own header
_MOST_OBJECTS = 1000
_LITERAL_OR_SPACE = re.compile(r"('(?:[^']|'')*')|(?:--[^\n]*|\s)+")  # a comment is space

Objects = frozenset[tuple[str, str, str, str]]


@lru_cache(maxsize=1)
def schema_steps() -> tuple[str, ...]:
    """The SQL of every schema version in order: step 1 makes version 1, each later one migrates to its own."""
    folder = resources.files("lossterm.store") / "schema"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".sql")), key=lambda f: f.name)
    return tuple(f.read_text(encoding="utf-8") for f in files)


def run_step(connection: sqlite3.Connection, step: str) -> None:
    """Do one of the schema's steps in the transaction that is open; what no version allows is migrated as it is."""
    connection.create_function("config_of_columns", -1, config_of_columns)
    connection.execute("PRAGMA ignore_check_constraints = ON")
    try:
        for statement in _statements(step):
            connection.execute(statement)
    finally:
        connection.execute("PRAGMA ignore_check_constraints = OFF")


def make_schema(connection: sqlite3.Connection, steps: tuple[str, ...]) -> None:
    """Make the schema of these steps in an empty file, or in memory."""
    for step in steps:
        run_step(connection, step)


@lru_cache(maxsize=16)
def expected_objects(steps: tuple[str, ...]) -> Objects:
    """The tables, indexes and triggers that these steps make."""
    with closing(sqlite3.connect(":memory:")) as memory:
        make_schema(memory, steps)
        return present_objects(memory)


def present_objects(connection: sqlite3.Connection) -> Objects:
    """What a file's schema holds, its SQL without comments and spaces; SQLite's own statistics do not count."""
    rows = connection.execute(
        "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_stat_' LIMIT ?",
        (_MOST_OBJECTS,),
    )
    return frozenset((str(kind), str(name), str(table), _plain(str(sql))) for kind, name, table, sql in rows)


def _plain(sql: str) -> str:
    """SQL text without comments, with single spaces, its string literals as they are."""
    return _LITERAL_OR_SPACE.sub(lambda found: found.group(1) or " ", sql).strip()


def _statements(script: str) -> list[str]:
    """Split a script into statements; `executescript` would commit the open transaction."""
    found: list[str] = []
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            found.append(pending)
            pending = ""
    return found
