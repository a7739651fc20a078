"""The points of a sweep: which arguments each has, and the key it is known by."""

from __future__ import annotations

import difflib
import hashlib
import inspect
import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Final

import numpy as np

from meshing.errors import InputError
from twin.studies.fingerprint import digest_of, measured_digest, name_of, own_code

#: Letters of the text that stands for an argument in a table; longer ones are told by a digest.
LONGEST_LABEL: Final = 120


@dataclass(frozen=True)
class Value:
    """An argument: the value itself, its digest, and the bytes of its content."""

    content: Any
    digest: str
    size: int

    @classmethod
    def of(cls, content: Any) -> Value:
        """Take a value and the digest of its content."""
        return cls(content, *measured_digest(content))

    @property
    def label(self) -> Any:
        """What stands for the value in a table: itself, its text, or its type and digest.

        Of a dataclass, the text names what differs from the defaults.
        """
        if self.content is None or isinstance(self.content, bool | int | float | str):
            return self.content
        if isinstance(self.content, np.generic):
            return self.content.item()
        if callable(self.content):
            return name_of(self.content)
        if _is_short(self.content):
            return repr(self.content)
        text = _changes(self.content)
        if 0 < len(text) <= LONGEST_LABEL:
            return text
        return f"{type(self.content).__name__} {self.digest[:8]}"


@dataclass(frozen=True)
class Task:
    """A point to compute: its key, and the arguments of the function."""

    key: str
    arguments: Mapping[str, Value]


@dataclass(frozen=True)
class Plan:
    """All points of a sweep.

    Attributes
    ----------
    function : callable
    swept : tuple of str
        The names that have several values.
    tasks : tuple of Task
        One for each point, in the order of the rows: the last name runs fastest. Two points with
        the same arguments have the same key.
    """

    function: Callable[..., Any]
    swept: tuple[str, ...]
    tasks: tuple[Task, ...]


def plan(
    function: Callable[..., Any],
    values: Mapping[str, Any],
    paired: bool | Collection[str] = False,
) -> Plan:
    """Lay out the points of a sweep.

    Parameters
    ----------
    function : what is called at each point.
    values : by name, either one value for all points or several: a list, a range or an array of
        one axis. A tuple is one value.
    paired : False for every combination, True to take the first value of each list, then the
        second and so on, or the names of the lists that go together so.

    Returns
    -------
    Plan

    Raises
    ------
    InputError
        When the function does not take a name, or lacks one; when a list is empty; when lists that
        go together differ in length.

    Examples
    --------
    >>> from twin.studies.points import plan
    >>> [tuple(v.content for v in task.arguments.values())
    ...  for task in plan(pow, {"base": [2, 3], "exp": [4, 5], "mod": None}).tasks]
    [(2, 4, None), (2, 5, None), (3, 4, None), (3, 5, None)]
    """
    if not callable(function):
        raise InputError(f"a function is needed to sweep over, found {type(function).__name__}")
    several = {name: _listed(name, value) for name, value in values.items() if _is_list(value)}
    _check_names(function, values)
    single = {n: Value.of(value) for n, value in values.items() if n not in several}
    # A default that is left out makes the same point as one that is given.
    same = {name: digest_of(default) for name, default in _defaults(function, values).items()}
    known = digest_of((function, own_code()))
    tasks = []
    for point in _combinations(several, _groups(several, paired)):
        arguments = {name: point.get(name) or single[name] for name in values}
        digests = {name: value.digest for name, value in arguments.items()}
        tasks.append(Task(_key(known, {**same, **digests}), arguments))
    return Plan(function, tuple(several), tuple(tasks))


def suggest(name: str, known: Iterable[str]) -> str:
    """A question that names the nearest of the known names, or nothing where none is near.

    Examples
    --------
    >>> from twin.studies.points import suggest
    >>> suggest("oxygen_difusivity", ["oxygen_diffusivity", "porosity"])
    "; did you mean 'oxygen_diffusivity'?"
    """
    near = nearest(name, known)
    return f"; did you mean {near!r}?" if near else ""


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that looks most like this one, or nothing where none does.

    Examples
    --------
    >>> from twin.studies.points import nearest
    >>> nearest("axs", ["phase", "axis"])
    'axis'
    """
    spelled = {k.lower(): k for k in known}
    near = difflib.get_close_matches(name.lower(), spelled, n=1)
    return spelled[near[0]] if near else ""


def _changes(value: Any) -> str:
    """A dataclass of short values by those that are not its defaults; nothing for anything else.

    Examples
    --------
    >>> from twin.studies.points import _changes
    >>> import twin
    >>> _changes(twin.lio2.Growth(0.8, seed=2)), _changes(twin.lio2.Growth())
    ('Growth(solution_share=0.8, seed=2)', 'Growth()')
    """
    if not is_dataclass(value) or isinstance(value, type):
        return ""
    parts = {f.name: getattr(value, f.name) for f in fields(value) if f.repr}
    if not all(map(_is_short, parts.values())):
        return ""
    default = {f.name: f.default for f in fields(value)}
    changed = [f"{name}={part!r}" for name, part in parts.items() if part != default[name]]
    return f"{type(value).__name__}({', '.join(changed)})"


def _is_short(value: Any) -> bool:
    """Whether a value is numbers and texts, or few of them in tuples, lists and mappings."""
    if isinstance(value, Mapping):
        return all(map(_is_short, value.values()))
    if isinstance(value, list | tuple):
        return all(map(_is_short, value))
    return value is None or isinstance(value, bool | int | float | str)


def _is_list(value: Any) -> bool:
    if isinstance(value, np.ndarray):
        return value.ndim == 1
    return isinstance(value, list | range) or type(value).__name__ in ("Series", "Index")


def _listed(name: str, value: Iterable[Any]) -> list[Value]:
    found = value.tolist() if hasattr(value, "tolist") else list(value)
    if not found:
        raise InputError(f"the list of {name!r} is empty; give it at least one value")
    return [Value.of(item) for item in found]


def _check_names(function: Callable[..., Any], values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if isinstance(value, Iterator):
            raise InputError(
                f"the values of {name!r} are a {type(value).__name__}, which can be gone through "
                "once only; make a list of it"
            )
    signature = _signature(function)
    if signature is None:
        return
    taken = _by_name(signature)
    takes_any = any(p.kind is p.VAR_KEYWORD for p in signature.parameters.values())
    for name in values:
        if name not in taken and not takes_any:
            raise InputError(
                f"{_called(function)} takes no {name!r}{suggest(name, taken)}"
                if taken
                else f"{_called(function)} takes no arguments by name, found {name!r}"
            )
    lacking = [n for n, p in taken.items() if p.default is p.empty and n not in values]
    if lacking:
        raise InputError(f"{_called(function)} needs {lacking[0]!r}; give it one value or a list")


def _called(function: Callable[..., Any]) -> str:
    return name_of(function).rpartition(".")[2]


def _signature(function: Callable[..., Any]) -> inspect.Signature | None:
    try:
        return inspect.signature(function)
    except ValueError:  # some functions of C have none
        return None


def _by_name(signature: inspect.Signature) -> dict[str, inspect.Parameter]:
    usable = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return {name: p for name, p in signature.parameters.items() if p.kind in usable}


def _defaults(function: Callable[..., Any], given: Mapping[str, Any]) -> dict[str, Any]:
    signature = _signature(function)
    if signature is None:
        return {}
    taken = _by_name(signature).items()
    return {n: p.default for n, p in taken if n not in given and p.default is not p.empty}


def _groups(
    several: Mapping[str, Sequence[Any]], paired: bool | Collection[str]
) -> list[list[str]]:
    """Names that go together, in the order of the first of each group."""
    together = list(several) if paired is True else list(paired or ())
    for name in together:
        if name not in several:
            raise InputError(
                f"paired names {name!r}, which has no list of values{suggest(name, several)}"
            )
    lengths = {name: len(several[name]) for name in together}
    if len(set(lengths.values())) > 1:
        counts = ", ".join(f"{name} has {count}" for name, count in lengths.items())
        raise InputError(f"lists that are paired must be of one length: {counts}")
    alone = [[name] for name in several if name not in together]
    groups = [together, *alone] if together else alone
    return sorted(groups, key=lambda group: list(several).index(group[0]))


def _combinations(
    several: Mapping[str, Sequence[Value]], groups: Sequence[Sequence[str]]
) -> Iterator[dict[str, Value]]:
    steps = [
        [dict(zip(group, row, strict=True)) for row in zip(*map(several.get, group), strict=True)]
        for group in groups
    ]
    for chosen in itertools.product(*steps):
        yield {name: value for part in chosen for name, value in part.items()}


def _key(known: str, digests: Mapping[str, str]) -> str:
    return hashlib.sha256(repr((known, sorted(digests.items()))).encode()).hexdigest()
