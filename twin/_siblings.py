"""A guard for the two sibling packages, whose plain names another file could shadow."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

SIBLINGS = ("solvers", "meshing")


def check_siblings() -> None:
    """Make sure that `solvers` and `meshing` are the packages installed beside `twin`.

    Nothing is imported: the import path is only asked where it would find the two names.

    Returns
    -------
    None

    Raises
    ------
    ImportError
        In one sentence, when a name leads elsewhere (a user's own `solvers.py`, another
        distribution's `meshing`) or nowhere.

    Examples
    --------
    >>> from twin._siblings import check_siblings
    >>> check_siblings()
    """
    home = Path(__file__).resolve().parent.parent
    for name in SIBLINGS:
        found = _where(name)
        if found is None:
            raise ImportError(
                f"twin needs its own package {name!r} beside it in {home}, but there is none: "
                "install twin again."
            )
        if found != home / name / "__init__.py":
            raise ImportError(
                f"twin needs its own package {name!r} from {home / name}, but the import path "
                f"finds {found} first: rename or move that file, or start Python elsewhere."
            )


def _where(name: str) -> Path | None:
    try:
        spec = find_spec(name)
    except ValueError:  # a module put into sys.modules by hand has no spec
        return None
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).resolve()
