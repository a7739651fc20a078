"""Which two values are the same, and which two functions: digests of their content.

A digest must never be the same for two things that give different results. It may differ for two
that give the same, which costs a computation: 1 and 1.0 are told apart, and so is a function whose
code was edited without effect.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import inspect
import pickle
import sys
import sysconfig
from collections.abc import Mapping, Set
from pathlib import Path
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any, Final

import numpy as np

from meshing.errors import InputError

_HOME: Final = Path(__file__).resolve().parents[2]
_OURS: Final = ("twin", "solvers", "meshing")
_SIMPLE = (bool, int, float, complex, str, bytes, type(None), np.generic, np.ndarray)


class Digest:
    """A running hash, how many bytes went into it, and the functions seen on the way."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self.size = 0
        self._seen: set[int] = set()

    def hexdigest(self) -> str:
        """Text of the hash of what was fed so far."""
        return self._hash.hexdigest()

    def feed(self, value: Any) -> None:
        """Add a value, whatever it is."""
        if isinstance(value, np.ndarray):
            self._array(value)
        elif isinstance(value, np.generic):
            self.feed(value.item())
        elif isinstance(value, _SIMPLE):
            self._text(type(value).__name__, repr(value))
        elif isinstance(value, Mapping):
            self._group("mapping", [(digest_of(k), digest_of(v)) for k, v in value.items()])
        elif isinstance(value, Set):
            self._group("set", sorted(digest_of(item) for item in value))
        elif isinstance(value, list | tuple):
            self._text(type(value).__name__, str(len(value)))
            for item in value:
                self.feed(item)
        else:
            self._object(value)

    def _object(self, value: Any) -> None:
        if callable(value) and not isinstance(value, type):
            self._function(value)
        elif isinstance(value, type):
            self._text("class", name_of(value))
        elif isinstance(value, CodeType):
            self._code(value)
        elif dataclasses.is_dataclass(value):
            self._text("dataclass", name_of(type(value)))
            for field in dataclasses.fields(value):
                self._text("field", field.name)
                self.feed(getattr(value, field.name))
        else:
            self._bytes(pickled(value))

    def _group(self, kind: str, items: list[Any]) -> None:
        self._text(kind, repr(items))

    def _text(self, kind: str, text: str) -> None:
        # Lengths keep apart what would run together: "a", "bc" and "ab", "c".
        self._bytes(f"{kind}:{len(text)}:{text};".encode())

    def _bytes(self, data: Any) -> None:
        self._hash.update(data)
        self.size += memoryview(data).nbytes

    def _array(self, array: np.ndarray[Any, Any]) -> None:
        self._text("array", f"{array.dtype.str}{array.shape}")
        if array.dtype.hasobject:
            self.feed(array.tolist())
        elif array.flags.c_contiguous and array.size:
            self._bytes(array.reshape(-1).view(np.uint8))
        else:
            for part in array:  # a strided view is copied a slab at a time
                self._bytes(np.ascontiguousarray(part).reshape(-1).view(np.uint8))

    def _function(self, function: Any) -> None:
        if id(function) in self._seen:
            return
        self._seen.add(id(function))
        if isinstance(function, functools.partial):
            self._text("partial", "")
            self.feed((function.func, function.args, function.keywords))
        elif isinstance(function, MethodType):
            self._text("method", function.__func__.__qualname__)
            self.feed((function.__self__, function.__func__))
        else:
            self._plain(function)

    def _plain(self, function: Any) -> None:
        inner = inspect.unwrap(getattr(function, "py_func", function))  # a Numba dispatcher has one
        if isinstance(inner, BuiltinFunctionType | np.ufunc):
            self._text("function", name_of(inner))
        elif isinstance(inner, FunctionType):
            self._text("function", f"{name_of(inner)} {_release(inner.__module__)}")
            for layer in {id(f): f for f in (function, inner)}.values():
                if isinstance(layer, FunctionType):
                    self._written(layer)
        else:
            self._text("callable", name_of(type(inner)))
            self._function(type(inner).__call__)
            self._state(inner)

    def _state(self, thing: Any) -> None:
        if dataclasses.is_dataclass(thing):
            self.feed([(f.name, getattr(thing, f.name)) for f in dataclasses.fields(thing)])
        else:
            self.feed(vars(thing) if hasattr(thing, "__dict__") else pickled(thing))

    def _written(self, function: FunctionType) -> None:
        """A function of the user's own: its code, its defaults, and what the code refers to.

        Code of an installed package is known by the name and the version of the package.
        """
        if _is_installed(function.__code__.co_filename):
            return
        self._code(function.__code__)
        self.feed((function.__defaults__, function.__kwdefaults__))
        for cell in function.__closure__ or ():
            self.feed(_content(cell))
        for name in sorted(_names(function.__code__) & function.__globals__.keys()):
            self._named(name, function.__globals__[name], function.__module__)

    def _code(self, code: CodeType) -> None:
        self._bytes(code.co_code + code.co_exceptiontable)
        self._text("names", repr((code.co_names, code.co_varnames, code.co_freevars)))
        for constant in code.co_consts:
            self.feed(constant)

    def _named(self, name: str, value: Any, module: str) -> None:
        """A global name: functions and classes of the same module by code, constants by value."""
        self._text("global", name)
        if isinstance(value, ModuleType):
            self._text("module", value.__name__)
        elif isinstance(value, type):
            self._class(value, module)
        elif callable(value):
            self._function(value)
        elif _is_constant(value):
            self.feed(value)

    def _class(self, cls: type, module: str) -> None:
        self._text("class", name_of(cls))
        if cls.__module__ == module and id(cls) not in self._seen:
            self._seen.add(id(cls))
            for name, value in sorted(vars(cls).items()):
                if isinstance(value, FunctionType):
                    self._text("method", name)
                    self._function(value)


def digest_of(value: Any) -> str:
    """Digest of a value's content: equal for equal numbers, texts, arrays, volumes and functions.

    Parameters
    ----------
    value : number, text, array, dataclass, function, and lists, mappings and sets of them; any
        other object is known by its pickle.

    Returns
    -------
    str
        64 hexadecimal digits.

    Raises
    ------
    InputError
        When the value is none of these and cannot be pickled either.

    Examples
    --------
    >>> import numpy as np
    >>> from twin.studies.fingerprint import digest_of
    >>> digest_of(np.arange(3)) == digest_of(np.arange(6)[:3])
    True
    >>> digest_of(1) == digest_of(1.0)
    False
    """
    return measured_digest(value)[0]


def measured_digest(value: Any) -> tuple[str, int]:
    """Digest of a value, and how many bytes of content it has.

    Examples
    --------
    >>> import numpy as np
    >>> from twin.studies.fingerprint import measured_digest
    >>> measured_digest(np.zeros(1000))[1] > 8000
    True
    """
    digest = Digest()
    digest.feed(value)
    return digest.hexdigest(), digest.size


def name_of(thing: Any) -> str:
    """Module and qualified name of a function or a class.

    Examples
    --------
    >>> import twin
    >>> from twin.studies.fingerprint import name_of
    >>> name_of(twin.tortuosity)
    'twin.tortuosity.tortuosity'
    """
    while isinstance(thing, functools.partial):
        thing = thing.func
    named = thing if hasattr(thing, "__qualname__") else type(thing)
    return f"{named.__module__}.{named.__qualname__}"


@functools.cache
def own_code() -> str:
    """Digest of the source files of twin, solvers and meshing: a change of any is a change of all.

    Examples
    --------
    >>> from twin.studies.fingerprint import own_code
    >>> len(own_code())
    64
    """
    digest = hashlib.sha256()
    for path in sorted(path for package in _OURS for path in (_HOME / package).rglob("*.py")):
        digest.update(path.relative_to(_HOME).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def pickled(value: Any) -> bytes:
    """The pickle of an object that nothing else describes."""
    try:
        return pickle.dumps(value, protocol=5)
    except Exception as error:  # whatever an object's own methods raise
        raise InputError(
            f"a value of type {type(value).__name__} cannot be told from others, because it cannot "
            f"be pickled ({error}); give numbers, text, arrays, volumes or dataclasses"
        ) from None


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # a name that is bound after the function was made
        return None


def _names(code: CodeType) -> set[str]:
    inner = (constant for constant in code.co_consts if isinstance(constant, CodeType))
    return set(code.co_names).union(*map(_names, inner))


def _is_constant(value: Any) -> bool:
    if isinstance(value, list | tuple | set | frozenset):
        return all(map(_is_constant, value))
    if isinstance(value, Mapping):
        return all(_is_constant(item) for pair in value.items() for item in pair)
    return isinstance(value, _SIMPLE) or dataclasses.is_dataclass(value)


@functools.cache
def _is_installed(file: str) -> bool:
    """Whether code is known by name and version: ours, Python's own, or an installed package's.

    The file of the code decides: what is typed in a notebook or a terminal has none.
    """
    places = [_HOME / package for package in _OURS]
    places += [Path(sysconfig.get_path(name)) for name in ("stdlib", "platlib", "purelib")]
    return any(Path(file).is_relative_to(place) for place in places)


def _release(module: str) -> str:
    """The version that a module's package states, "" where it states none."""
    package = sys.modules.get(module.partition(".")[0])
    return str(getattr(package, "__version__", ""))
