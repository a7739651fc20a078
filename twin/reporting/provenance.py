"""Where the numbers of a report come from: the image, the software, the computer, the day."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

#: Libraries whose versions can change a number.
_LIBRARIES: Final = ("numpy", "numba", "scipy", "scikit-image")

_CHUNK: Final = 1 << 22


def provenance(source: str | Path | None, command: str | None) -> dict[str, Any]:
    """Facts about a run.

    Parameters
    ----------
    source : the file, folder or pattern that the image was read from.
    command : what was typed.

    Returns
    -------
    dict
        Names and values; of a file its size in bytes and its SHA-256.
    """
    import twin

    now = datetime.now().astimezone()
    return {
        **({} if source is None else _file(Path(source))),
        **({} if command is None else {"command": command}),
        "date": now.isoformat(timespec="seconds"),
        "twin": twin.__version__,
        "python": platform.python_version(),
        **{name: version(name) for name in _LIBRARIES},
        "computer": f"{platform.system()} {platform.release()}, {platform.machine()}",
    }


def _file(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {"image": str(path)}
    return {"image": path.name, "bytes": path.stat().st_size, "SHA-256": sha256(path)}


def sha256(path: Path) -> str:
    """The SHA-256 of a file, read in pieces.

    Examples
    --------
    >>> from pathlib import Path
    >>> from twin.reporting.provenance import sha256
    >>> _ = Path("a.raw").write_bytes(b"abc")
    >>> sha256(Path("a.raw"))[:16]
    'ba7816bf8f01cfea'
    """
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def in_words(known: Mapping[str, Any]) -> dict[str, str]:
    """The same for people."""
    return {name: f"{value:,}" if name == "bytes" else str(value) for name, value in known.items()}
