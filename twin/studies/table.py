"""What `twin.sweep` returns: one row for each point."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from twin.files import atomic, check_writable, save_csv
from twin.studies.outcome import Outcome
from twin.studies.points import Value, suggest
from twin.tables import text_table

if TYPE_CHECKING:
    import pandas
    from matplotlib.figure import Figure

#: A summary shows at most so many rows and columns, and so many different errors.
_ROWS: Final = 20
_COLUMNS: Final = 8
_ERRORS: Final = 3


NO_LABELS: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, eq=False)
class Point:
    """One point of a sweep.

    Attributes
    ----------
    arguments : mapping of str to Value
        What the function was called with.
    outcome : Outcome
        What it returned or raised.
    """

    arguments: Mapping[str, Value]
    outcome: Outcome

    @property
    def error(self) -> str:
        """What went wrong; empty where nothing did."""
        return self.outcome.error

    @property
    def traceback(self) -> str:
        """Where it went wrong, as Python prints it; empty where nothing did."""
        return self.outcome.traceback

    def __getitem__(self, name: str) -> Any:
        """An argument, or a number of the result."""
        if name in self.arguments:
            return self.arguments[name].content
        return self.outcome.numbers[name]

    @property
    def result(self) -> Any:
        """The object that the function returned, where the sweep kept it; else None."""
        import pickle

        return None if self.outcome.result is None else pickle.loads(self.outcome.result)


@dataclass(frozen=True, eq=False)
class Sweep:
    """The points of a sweep, as a table: arguments, numbers of the results, and errors.

    Attributes
    ----------
    function : str
        Name of the function.
    swept : tuple of str
        The names that had several values.
    points : tuple of Point
        In the order of the rows.
    computed : int
        How many points were computed by this call; the others came from the store.
    store : Path or None
        The file that keeps the points.

    Examples
    --------
    >>> import twin
    >>> def area(width, height): return {"area": width * height}
    >>> table = twin.sweep(area, width=[1.0, 2.0], height=[3.0, 5.0], store=None, jobs=1)
    >>> table.column("area").tolist()
    [3.0, 5.0, 6.0, 10.0]
    >>> table.select(width=2.0, height=5.0)[0]["area"]
    10.0
    """

    function: str
    swept: tuple[str, ...]
    points: tuple[Point, ...]
    computed: int
    store: Path | None

    def __len__(self) -> int:
        """The number of points."""
        return len(self.points)

    def __iter__(self) -> Iterator[Point]:
        """The points."""
        return iter(self.points)

    def __getitem__(self, index: int) -> Point:
        """One point."""
        return self.points[index]

    @property
    def failed(self) -> tuple[Point, ...]:
        """The points that raised an error."""
        return tuple(point for point in self if point.error)

    @property
    def results(self) -> tuple[Any, ...]:
        """The objects that the function returned; None where a point failed or none was kept."""
        return tuple(point.result for point in self)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns of the table."""
        return tuple(self._table[0]) if self.points else ()

    def rows(self) -> list[dict[str, Any]]:
        """One mapping from column to value for each point, the same columns in all.

        First the arguments that have several values, then the numbers of the results, the other
        arguments, ``error`` and ``seconds``. A number that has the name of an argument is left out
        where it is the same at every point, and is called ``result.name`` where it is not.
        """
        return [dict(row) for row in self._table]

    def column(self, name: str) -> NDArray[Any]:
        """The values of one column, an array of as many entries as there are points.

        Numbers make a column of floats, NaN where a point has none; else it holds objects.

        Raises
        ------
        InputError
            When there is no such column.
        """
        if name not in self.columns:
            raise InputError(
                f"the table has no column {name!r}{suggest(name, self.columns)}; the columns are "
                f"{', '.join(self.columns)}"
            )
        values = [row[name] for row in self._table]
        numbers = [v for v in values if v is not None]
        if all(isinstance(v, int | float) for v in numbers):
            return np.array([math.nan if v is None else v for v in values], np.float64)
        return np.array(values, object)

    def select(self, **values: Any) -> Sweep:
        """The points whose arguments have these values; a list means any of them.

        Raises
        ------
        InputError
            When the sweep has no such argument, or no point has the value.
        """
        points = self.points
        for name, value in values.items():
            if name not in self._argument_names():
                known = self._argument_names()
                raise InputError(f"the sweep has no argument {name!r}{suggest(name, known)}")
            wanted = [Value.of(v) for v in (value if isinstance(value, list) else [value])]
            points = tuple(p for p in points if any(_is_same(p.arguments[name], w) for w in wanted))
            if not points:
                labels = ", ".join(dict.fromkeys(str(p.arguments[name].label) for p in self))
                raise InputError(f"no point has {name} = {value!r}; its values are {labels}")
        return replace(self, points=points)

    def summary(self) -> str:
        """What was computed, the first rows, and the errors."""
        lines = [self._title(), ""] if self.points else [self._title()]
        lines += self._first_rows() if self.points else []
        errors = Counter(point.error for point in self.failed)
        lines += [f"{count} failed: {error}" for error, count in errors.most_common(_ERRORS)]
        if len(errors) > _ERRORS:
            lines.append(f"and {len(errors) - _ERRORS} other errors")
        notes = Counter(point.outcome.note for point in self if point.outcome.note)
        lines += [f"{count} not kept: {note}" for note, count in notes.items()]
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Numbers and names only: the function, what was swept, and the rows."""
        return {
            "function": self.function,
            "swept": list(self.swept),
            "points": len(self),
            "failed": len(self.failed),
            "rows": self.rows(),
        }

    def to_pandas(self) -> pandas.DataFrame:
        """The table as a pandas DataFrame."""
        import pandas

        return pandas.DataFrame(self.rows())

    def to_csv(self, path: str | Path) -> Path:
        """Write the table as comma-separated values.

        Parameters
        ----------
        path : str or Path
            The file.

        Returns
        -------
        Path
            The file that was written.
        """
        return save_csv(path, self.rows())

    def to_parquet(self, path: str | Path) -> Path:
        """Write the table as Apache Parquet, which keeps the types of the columns.

        Parameters
        ----------
        path : str or Path
            The file.

        Returns
        -------
        Path
            The file that was written.

        Raises
        ------
        InputError
            When pyarrow is not installed, or the file cannot be written.
        """
        path = Path(path)
        check_parquet()
        check_writable(path)
        frame = self.to_pandas()
        for name in frame.columns:
            if _is_mixed(frame[name]):
                frame[name] = frame[name].map(str, na_action="ignore")
        with atomic(path) as temporary:
            frame.to_parquet(temporary, engine="pyarrow", index=False)
        return path

    def plot(
        self,
        y: str,
        x: str | None = None,
        by: str | None = None,
        path: str | Path | None = None,
        labels: Mapping[str, str] = NO_LABELS,
    ) -> Figure:
        """Draw a number of the results against an argument, a curve for each value of the others.

        An axis is logarithmic where its values span two decades or more, or are spaced by a
        constant factor.

        Parameters
        ----------
        y : str
            The column to draw.
        x : str, optional
            The argument, or any other column; by default the first that has several values.
        by : str, optional
            The argument that has a curve for each of its values; by default all that remain.
        path : str or Path, optional
            Where to save the picture; the suffix says the format (``.png``, ``.pdf``, ``.svg``).
        labels : mapping of str to str
            What to write for a column, as ``{"capacity": "capacity [C/m²]"}``; its name by default.

        Returns
        -------
        matplotlib.figure.Figure
        """
        from twin.figures import saved
        from twin.studies.picture import sweep_figure

        return saved(sweep_figure(self, y, x, by, labels), path)

    @cached_property
    def _table(self) -> list[dict[str, Any]]:
        names = list(dict.fromkeys(n for point in self for n in point.outcome.numbers))
        taken = {*self._argument_names(), "error", "seconds"}
        shown = {n: f"result.{n}" if n in taken else n for n in names if not self._repeats(n)}
        return [self._row(point, shown) for point in self]

    def _argument_names(self) -> list[str]:
        return list(self.points[0].arguments) if self.points else []

    def _repeats(self, name: str) -> bool:
        """Whether a number of the results only says again what the argument of its name is."""
        if name not in self._argument_names():
            return False
        return all(p.error or p.outcome.numbers.get(name) == p.arguments[name].label for p in self)

    def _row(self, point: Point, shown: Mapping[str, str]) -> dict[str, Any]:
        arguments = {name: value.label for name, value in point.arguments.items()}
        swept = {name: arguments.pop(name) for name in self.swept}
        numbers = {title: point.outcome.numbers.get(name) for name, title in shown.items()}
        end = {"error": point.error or None, "seconds": point.outcome.seconds}
        return {**swept, **numbers, **arguments, **end}

    def _title(self) -> str:
        stored = len(self) - self.computed
        parts = [f"{self.computed} computed", f"{stored} from the store"]
        if self.failed:
            parts.append(f"{len(self.failed)} failed")
        return f"Sweep of {self.function}: {len(self)} points, {', '.join(parts)}"

    def _first_rows(self) -> list[str]:
        rows = self._table
        good = [row for row in rows if not row["error"]] or rows
        several = [n for n in rows[0] if len({repr(row[n]) for row in good}) > 1 or n in self.swept]
        names = [n for n in several if n not in ("error", "seconds")] or list(rows[0])
        shown = names[:_COLUMNS]
        lines = [text_table(shown, [[_cell(row[n]) for n in shown] for row in rows[:_ROWS]])]
        more = [(len(rows) - _ROWS, "rows"), (len(names) - _COLUMNS, "columns")]
        left = [f"{count} {what}" for count, what in more if count > 0]
        return [*lines, f"and {' and '.join(left)} more"] if left else lines


def check_parquet() -> None:
    """Make sure that Parquet files can be written.

    Raises
    ------
    InputError
        When pyarrow is not installed.

    Examples
    --------
    >>> from twin.studies.table import check_parquet
    >>> check_parquet()
    """
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        raise InputError(
            "writing Parquet needs pyarrow, which is not installed; install it with "
            "pip install 'twin[parquet]'"
        ) from None


def _is_same(value: Value, wanted: Value) -> bool:
    a, b = value.content, wanted.content
    if isinstance(a, int | float) and isinstance(b, int | float):
        return math.isclose(a, b, rel_tol=1e-9)
    return value.digest == wanted.digest


def _is_mixed(column: Any) -> bool:
    """Whether a column holds texts beside numbers, for which Parquet has no type."""
    return len({isinstance(value, str) for value in column.dropna()}) > 1


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
