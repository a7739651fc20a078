"""Large values for many processes: written once, mapped into the memory of each that reads them.

Arrays go to the file as they are, and a process that reads them maps the file: all processes of a
computer share one copy, and a change that one of them makes is its own.
"""

from __future__ import annotations

import mmap
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

from meshing.errors import InputError

#: Arrays begin at multiples of so many bytes, as wide vector instructions like them.
_ALIGNMENT: Final = 64


@dataclass(frozen=True)
class Shared:
    """A value that lies in a file of this computer.

    Attributes
    ----------
    path : str
        The file with everything but the arrays; theirs has the suffix ``.arrays``.
    """

    path: str

    def value(self) -> Any:
        """The value itself; a process reads it once."""
        return _load(self.path)


@dataclass(frozen=True)
class Packed:
    """A value that is small enough to go with each point.

    Attributes
    ----------
    pickled : bytes
    """

    pickled: bytes

    def value(self) -> Any:
        """The value itself; a process opens it once."""
        return _unpack(self.pickled)


def share(value: Any, path: Path) -> Shared:
    """Write a value to a new file.

    Parameters
    ----------
    value : what cloudpickle can pickle: functions of scripts and notebooks too.
    path : the file.

    Returns
    -------
    Shared
        A handle, which is small to send.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from twin.studies.sharing import share
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     float(share(np.arange(5.0), Path(folder) / "a").value().sum())
    10.0
    """
    buffers: list[pickle.PickleBuffer] = []
    body = pack(value, buffers.append)
    sizes = []
    with path.with_suffix(".arrays").open("wb") as file:
        for buffer in buffers:
            raw = buffer.raw()
            sizes.append(raw.nbytes)
            file.write(raw)
            file.write(b"\0" * (-raw.nbytes % _ALIGNMENT))
    path.write_bytes(pickle.dumps((body, sizes)))
    return Shared(str(path))


def pack(value: Any, apart: Callable[[pickle.PickleBuffer], Any] | None = None) -> bytes:
    """The pickle of a value for another process.

    Parameters
    ----------
    value : what cloudpickle can pickle.
    apart : is given the arrays, which are left out then.

    Returns
    -------
    bytes

    Raises
    ------
    InputError
        When the value cannot be pickled.

    Examples
    --------
    >>> import pickle
    >>> from twin.studies.sharing import pack
    >>> pickle.loads(pack(lambda x: x + 1))(1)
    2
    """
    import cloudpickle

    try:
        packed: bytes = cloudpickle.dumps(value, protocol=5, buffer_callback=apart)
    except Exception as error:  # whatever an object's own methods raise
        raise InputError(
            f"{_called(value)} cannot be sent to other processes ({error}); use jobs=1 or "
            "workers='threads'"
        ) from error
    return packed


def _called(value: Any) -> str:
    return "the function" if callable(value) else f"a value of type {type(value).__name__}"


@lru_cache(maxsize=16)
def _unpack(pickled: bytes) -> Any:
    return pickle.loads(pickled)


@cache
def _load(path: str) -> Any:
    body, sizes = pickle.loads(Path(path).read_bytes())
    buffers: list[memoryview] = []
    if any(sizes):
        with Path(path).with_suffix(".arrays").open("rb") as file:
            whole = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY))
    start = 0
    for size in sizes:
        buffers.append(whole[start : start + size] if size else memoryview(bytearray()))
        start += size + -size % _ALIGNMENT
    return pickle.loads(body, buffers=buffers)
