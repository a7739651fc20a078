"""Finished points on disk: one SQLite file, which any SQLite tool opens.

SQLite commits a point in full or not at all, whatever kills the process, and locks the file where
several processes write. The rollback journal is kept, and not the faster write-ahead log, because
that needs memory shared by all who use the file, which network file systems lack
(https://www.sqlite.org/wal.html).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import twin
from meshing.errors import InputError
from twin.studies.outcome import Outcome

#: Written into the head of the file: "twin" in ASCII, and the version of the table below.
_APPLICATION: Final = 0x7477696E
_LAYOUT: Final = 1

#: Another process that writes to the same file is waited for so long [s].
_PATIENCE: Final = 60.0

_TABLES: Final = """
CREATE TABLE written_by (twin TEXT NOT NULL);
CREATE TABLE point (
    key TEXT PRIMARY KEY,
    function TEXT NOT NULL,
    arguments TEXT NOT NULL,
    numbers TEXT NOT NULL,
    error TEXT NOT NULL,
    traceback TEXT NOT NULL,
    seconds REAL NOT NULL,
    result BLOB,
    note TEXT NOT NULL,
    finished TEXT NOT NULL
) WITHOUT ROWID;
"""


@dataclass(frozen=True)
class Record:
    """A finished point on its way to disk: its key, and what a reader wants to know of it."""

    key: str
    function: str
    arguments: Mapping[str, Any]
    outcome: Outcome


class Store:
    """Finished points, by key.

    Parameters
    ----------
    connection : to the file, or to memory.
    path : the file, None in memory.

    Examples
    --------
    >>> from twin.studies.outcome import Outcome
    >>> from twin.studies.store import Record, open_store
    >>> with open_store(None) as store:
    ...     store.put([Record("a1", "math.sqrt", {"x": 4.0}, Outcome({"value": 2.0}))])
    ...     store.get(["a1", "b2"])["a1"].numbers
    {'value': 2.0}
    """

    def __init__(self, connection: sqlite3.Connection, path: Path | None) -> None:
        self._connection = connection
        self.path = path

    def put(self, records: Iterable[Record]) -> None:
        """Commit points, all of them in one transaction."""
        rows = [_row(record) for record in records]
        with _sentences(self.path), self._connection:
            self._connection.executemany(
                "INSERT OR REPLACE INTO point VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows
            )

    def get(self, keys: Iterable[str], results: bool = False) -> dict[str, Outcome]:
        """The outcomes of those keys that are there, with the objects kept only on request."""
        result = "result" if results else "NULL"
        found = {}
        with _sentences(self.path):
            for key in keys:
                row = self._connection.execute(
                    f"SELECT numbers, error, traceback, seconds, {result}, note FROM point "
                    "WHERE key = ?",
                    (key,),
                ).fetchone()
                if row is not None:
                    found[key] = Outcome(json.loads(row[0]), *row[1:])
        return found


@contextmanager
def open_store(path: str | Path | None) -> Iterator[Store]:
    """Open a store, and make it where there is none.

    Parameters
    ----------
    path : the file; None for one in memory, which is gone with the process.

    Yields
    ------
    Store

    Raises
    ------
    InputError
        When the file cannot be opened, holds something else, or was written by another version.

    Examples
    --------
    >>> from twin.studies.store import open_store
    >>> with open_store("points.db") as store:
    ...     store.get(["unknown"])
    {}
    """
    file = None if path is None else Path(path)
    with _sentences(file):
        if file is not None:
            _check_place(file)
        connection = sqlite3.connect(file or ":memory:", timeout=_PATIENCE, isolation_level=None)
    with closing(connection):
        with _sentences(file):
            _prepare(connection, file)
        yield Store(connection, file)


def _check_place(file: Path) -> None:
    if file.is_dir():
        raise InputError(f"cannot keep points in {file}: it is a folder; give the name of a file")
    if not file.parent.exists():
        raise InputError(
            f"cannot keep points in {file}: there is no folder {file.parent}; make it first"
        )


def _prepare(connection: sqlite3.Connection, file: Path | None) -> None:
    """Make the tables of a new file, and look who wrote an old one.

    The lock is taken before the look, so that two processes do not both make the tables.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        if connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,):
            for statement in filter(str.strip, _TABLES.split(";")):
                connection.execute(statement)
            connection.execute("INSERT INTO written_by VALUES (?)", (twin.__version__,))
            connection.execute(f"PRAGMA application_id = {_APPLICATION}")
            connection.execute(f"PRAGMA user_version = {_LAYOUT}")
        else:
            _check_writer(connection, file)
    finally:
        connection.execute("COMMIT")
    connection.isolation_level = "DEFERRED"


def _check_writer(connection: sqlite3.Connection, file: Path | None) -> None:
    if connection.execute("PRAGMA application_id").fetchone() != (_APPLICATION,):
        raise InputError(
            f"{file} is a database of something else than a sweep; give the store another name"
        )
    (writer,) = connection.execute("SELECT twin FROM written_by").fetchone()
    layout = connection.execute("PRAGMA user_version").fetchone()
    if (writer, layout) != (twin.__version__, (_LAYOUT,)):
        raise InputError(
            f"the points in {file} were computed by twin {writer}, and this is twin "
            f"{twin.__version__}, which may find other numbers; give the store another name, or "
            "delete the file"
        )


@contextmanager
def _sentences(file: Path | None) -> Iterator[None]:
    """Tell what SQLite complains about in a sentence."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise InputError(
            f"cannot keep points in {file}: {error}; choose a place that you may write to, with "
            "room on the disk"
        ) from error
    except sqlite3.DatabaseError as error:
        raise InputError(
            f"{file} is no store of a sweep ({error}); give the store another name"
        ) from error


def _row(record: Record) -> tuple[Any, ...]:
    outcome = record.outcome
    return (
        record.key,
        record.function,
        json.dumps(record.arguments, ensure_ascii=False),
        json.dumps(outcome.numbers, ensure_ascii=False),
        outcome.error,
        outcome.traceback,
        outcome.seconds,
        outcome.result,
        outcome.note,
        datetime.now(UTC).isoformat(timespec="milliseconds"),
    )
