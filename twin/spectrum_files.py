"""Reading impedance spectra as people and instruments write them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from twin.spectrum import Spectrum, Unit

Floats = NDArray[np.float64]

#: The names of a column, without units, signs and blanks, in lower case.
_NAMES: Final[Mapping[str, frozenset[str]]] = {
    "frequency": frozenset(["f", "freq", "frequency"]),
    "real": frozenset(
        ["re", "real", "rez", "realz", "zre", "zreal", "zr", "z'", "z'a", "rez'", "realpart"]
    ),
    "imaginary": frozenset(
        [
            "im",
            "imag",
            "imaginary",
            "imz",
            "imagz",
            "imaginaryz",
            "zim",
            "zimag",
            "zimaginary",
            "zi",
            "zimg",
            "z''",
            "z''b",
            "imz''",
            "imaginarypart",
        ]
    ),
    "magnitude": frozenset(
        ["z", "|z|", "zmod", "zmag", "zabs", "modz", "absz", "mod", "modulus", "magnitude", "abs"]
    ),
    "phase": frozenset(
        ["phase", "phasez", "zphz", "zphase", "phaseangle", "theta", "phi", "arg", "argz", "angle"]
    ),
}

_OHM: Final = re.compile(
    r"[\s_/(\[{,.]*(?P<prefix>[mkM]?)(?:ohms?|Ohms?|OHMS?|Ω|Ω)"
    r"(?P<area>[\s_*·.×-]*(?P<centi>c?)m(?:\^?2|²))?[)\]}]*"
)
_HERTZ: Final = re.compile(r"[\s_/(\[{]+(?P<prefix>[mkM]?)(?:Hz|hz|HZ)[)\]}]*")
_ANGLE: Final = re.compile(
    r"[\s_/(\[{]*(?:(?P<radian>rad)(?:ians?)?|deg(?:rees?)?|DEG|°|º)[)\]}]*$", re.IGNORECASE
)
_MINUS: Final = re.compile(r"^\s*(?:[-−–]|neg(?:ative)?\b\.?|minus\b)\s*", re.IGNORECASE)
_PREFIX: Final = {"": 1.0, "m": 1e-3, "k": 1e3, "M": 1e6}
#: Between columns: two blanks and more where names have blanks inside, else any number of them.
_SEPARATORS: Final = tuple(map(re.compile, (r"\t", ";", ",", r"\s{2,}", r"\s+")))

_WANTED: Final = (
    "a spectrum needs a column of frequencies and columns of Re(Z) and Im(Z), or of |Z| and phase, "
    "as in 'freq/Hz,Re(Z)/Ohm,-Im(Z)/Ohm'"
)


@dataclass(frozen=True)
class _Column:
    """A column that was recognised: where it is, and what turns its numbers into SI."""

    index: int
    factor: float
    specific: bool = False  # per area


@dataclass(frozen=True)
class _Head:
    """The line that names the columns."""

    line: int  # the first one below it
    separator: re.Pattern[str]
    columns: Mapping[str, _Column]


def read_spectrum(
    path: str | Path, area: float | None = None, label: str | None = None
) -> Spectrum:
    """Read a measured spectrum from a text file.

    The columns are found by their names, in any order, with others beside them and any text above
    them: frequency, real part and imaginary part, or magnitude and phase, in Ohm, or in Ohm cm2 or
    Ohm m2 where the names say so. ``-Im(Z)`` and ``-Z''`` are known by their sign. Columns stand
    between commas, semicolons, tabs or blanks; decimal commas are understood where commas separate
    nothing. So exports of BioLogic (``.mpt``), Gamry (``.DTA``), Autolab, ZView and others are read
    as they are. A file of numbers alone has frequency, Re(Z) and Im(Z) in its first three columns.

    Parameters
    ----------
    path : str or Path
        The file.
    area : float, optional
        Cross-section of the electrode [m2]. With it an impedance in Ohm becomes Ohm m2.
    label : str, optional
        What a legend calls it; the name of the file by default.

    Returns
    -------
    Spectrum
        In Ohm m2, or in Ohm where neither the file nor `area` gives more.

    Raises
    ------
    InputError
        A file that cannot be read, a column that is missing, a number that is not one, a frequency
        that is not positive.

    Examples
    --------
    >>> from pathlib import Path
    >>> import twin
    >>> _ = Path("cell.csv").write_text("freq/Hz,Re(Z)/Ohm,-Im(Z)/Ohm\\n100,20,30\\n1,40,500\\n")
    >>> twin.read_spectrum("cell.csv", area=1.54e-4).ohm
    array([20. -30.j, 40.-500.j])
    """
    path = Path(path)
    lines = _text(path).splitlines()
    head = _find_head(lines)
    frequency, impedance, specific = (
        _without_head(path, lines) if head is None else _with_head(path, lines, head)
    )
    _check_frequency(path, frequency)
    unit: Unit = "Ohm m2" if specific else "Ohm"
    name = path.stem if label is None else label
    found = Spectrum(frequency, impedance, area, unit, name, measured=True)
    return found if specific or area is None else found.with_area(area)


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise InputError(f"cannot read {path}: {why}; give the path of a text file") from None
    if b"\0" in data:
        raise InputError(f"{path} is no text file; export the spectrum as text or CSV")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")  # as older instruments write the sign of a degree


def _find_head(lines: Sequence[str]) -> _Head | None:
    """The first line that names a frequency and an impedance."""
    for number, line in enumerate(lines):
        for separator in _SEPARATORS:
            cells = _split(_unquoted(line.lstrip("# ")), separator)
            columns = _columns(_with_units_below(cells, lines[number + 1 :], separator))
            if "frequency" in columns and len(columns) > 1:
                return _Head(number + 1, separator, columns)
    return None


def _split(line: str, separator: re.Pattern[str]) -> list[str]:
    """Cells of a line; a cell keeps the quote sign of Z\"."""
    # A tab at the start is an empty first cell; blanks there are none.
    cells = [cell.strip() for cell in separator.split(line.strip(" \r\n"))]
    return [_unquoted(cell) for cell in cells]


def _unquoted(text: str) -> str:
    quoted = len(text) > 1 and text[0] == text[-1] == '"'
    return text[1:-1].strip() if quoted else text


def _with_units_below(
    cells: list[str], below: Sequence[str], separator: re.Pattern[str]
) -> list[str]:
    """Names of columns with their units, where a line of units follows as in files of Gamry."""
    units = _split(below[0], separator) if below else []
    if len(units) != len(cells) or any(_number(unit) is not None for unit in units):
        return cells
    return [f"{cell} {unit}" for cell, unit in zip(cells, units, strict=True)]


def _columns(cells: Sequence[str]) -> dict[str, _Column]:
    found: dict[str, _Column] = {}
    for index, cell in enumerate(cells):
        kind, column = _recognise(cell, index)
        if kind and kind not in found:
            found[kind] = column
    return found


def _recognise(cell: str, index: int) -> tuple[str, _Column]:
    """What a column is, an empty name where it is of no use here."""
    text = _MINUS.sub("", cell)
    sign = -1.0 if text != cell.strip() and _MINUS.match(cell) else 1.0
    text = text.replace("″", "''").replace('"', "''").replace("′", "'").replace("’", "'")
    ohm, hertz, angle = _OHM.search(text), _HERTZ.search(text), _ANGLE.search(text)
    for unit in (ohm, hertz, angle):
        if unit is not None:
            text = text.replace(unit.group(0), " ")
    name = re.sub(r"[^a-z0-9'|]", "", text.lower())
    kind = next((kind for kind, names in _NAMES.items() if name in names), "")
    return kind, _Column(index, sign * _factor(kind, ohm, hertz, angle), _is_specific(ohm))


def _factor(
    kind: str,
    ohm: re.Match[str] | None,
    hertz: re.Match[str] | None,
    angle: re.Match[str] | None,
) -> float:
    if kind == "frequency":
        return _PREFIX[hertz["prefix"]] if hertz else 1.0
    if kind == "phase":
        return 1.0 if angle and angle["radian"] else float(np.pi / 180.0)
    if ohm is None:
        return 1.0
    return _PREFIX[ohm["prefix"]] * (1e-4 if ohm["centi"] else 1.0)


def _is_specific(ohm: re.Match[str] | None) -> bool:
    return ohm is not None and ohm["area"] is not None


def _with_head(
    path: Path, lines: Sequence[str], head: _Head
) -> tuple[Floats, NDArray[np.complex128], bool]:
    names = _needed(path, head)
    columns = [head.columns[name] for name in names]
    if len({column.specific for column in columns[1:] if names[-1] != "phase"}) > 1:
        raise InputError(f"{path} has Re(Z) and Im(Z) in different units; give both in one")
    table = _table(path, lines, head, columns)
    f, first, second = (table[:, k] * column.factor for k, column in enumerate(columns))
    z = first * np.exp(1j * second) if names[-1] == "phase" else first + 1j * second
    return f, z, columns[1].specific


def _needed(path: Path, head: _Head) -> tuple[str, str, str]:
    for pair in (("real", "imaginary"), ("magnitude", "phase")):
        if set(pair) <= set(head.columns):
            return "frequency", *pair
    found = ", ".join(sorted(set(head.columns) - {"frequency"}))
    raise InputError(f"{_WANTED}; {path} has frequency and {found} only")


def _table(
    path: Path, lines: Sequence[str], head: _Head, columns: Sequence[_Column]
) -> NDArray[np.float64]:
    """The numbers of some columns, up to the last line that has them."""
    for separator in (head.separator, *_SEPARATORS):  # some programs name columns in their own way
        rows = [
            (number, [_number(cells[c.index]) if c.index < len(cells) else None for c in columns])
            for number, cells in _cells_below(lines, head, separator)
        ]
        complete = [k for k, (_, row) in enumerate(rows) if None not in row]
        if complete:
            break
    else:
        raise InputError(f"{path} has no numbers below the names of its columns")
    inside = rows[complete[0] : complete[-1] + 1]  # without a line of units, or a text at the end
    # Some instruments write zeros while they hold a current and measure no impedance.
    inside = [(number, row) for number, row in inside if any(value != 0.0 for value in row)]
    for number, row in inside:
        if None in row or not np.isfinite(np.array(row, dtype=float)).all():
            raise InputError(
                f"line {number} of {path} lacks a number for frequency or impedance; correct it or "
                "take it out"
            )
    return np.array([row for _, row in inside], dtype=np.float64)


def _cells_below(
    lines: Sequence[str], head: _Head, separator: re.Pattern[str]
) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(lines[head.line :], start=head.line + 1):
        if line.strip():
            yield number, _split(line, separator)


def _without_head(path: Path, lines: Sequence[str]) -> tuple[Floats, NDArray[np.complex128], bool]:
    """Frequency, Re(Z) and Im(Z) of a file of numbers."""
    filled = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    for separator in _SEPARATORS:
        rows = [[_number(cell) for cell in _split(line, separator)[:3]] for line in filled]
        if rows and all(len(row) == 3 and None not in row for row in rows):
            break
    else:
        first = filled[0].strip()[:60] if filled else ""
        raise InputError(f"{_WANTED}; {path} begins with {first!r}")
    f, real, imaginary = np.array(rows, dtype=np.float64).T
    if not np.isfinite(real + imaginary).all():
        raise InputError(f"{path} has an impedance that is not a number; take the row out")
    if np.count_nonzero(imaginary > 0.0) > len(f) / 2:
        raise InputError(
            f"{path} does not name its columns, so the third is Im(Z), but it is positive in most "
            "rows; write 'freq,Re(Z),-Im(Z)' above them if that is what they are"
        )
    return f, real + 1j * imaginary, False


def _number(cell: str) -> float | None:
    """The number in a cell, with a decimal comma or point; None where there is none."""
    text = cell.replace(",", ".") if cell.count(",") == 1 and "." not in cell else cell
    try:
        return float(text)
    except ValueError:
        return None


def _check_frequency(path: Path, frequency: Floats) -> None:
    wrong = frequency[~(frequency > 0.0) | ~np.isfinite(frequency)]
    if wrong.size:
        raise InputError(
            f"{path} has the frequency {wrong[0]:g} Hz; frequencies are positive, take the row out"
        )
