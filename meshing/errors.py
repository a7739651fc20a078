"""The one exception raised for input that cannot be used."""

from __future__ import annotations

__all__ = ["InputError"]


class InputError(ValueError):
    """Input that cannot be used, told in one sentence: what is wrong, what was found, what to do.

    Examples
    --------
    >>> from meshing.errors import InputError
    >>> issubclass(InputError, ValueError)
    True
    """
