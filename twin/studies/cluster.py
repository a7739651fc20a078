"""The connection to a Dask cluster."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import twin
from meshing.errors import InputError
from twin.studies.sharing import Packed, pack

if TYPE_CHECKING:
    from distributed import Client


_ATTEMPTS: Final = 4


@contextmanager
def connected(cluster: Any) -> Iterator[Client]:
    """Connect to a Dask cluster, and leave it as it was found.

    Parameters
    ----------
    cluster : a `distributed.Client`, which stays open; an address as ``"tcp://host:8786"``; the
        path of a scheduler file; or a cluster object, as dask-jobqueue makes them.

    Yields
    ------
    distributed.Client

    Raises
    ------
    InputError
        When Dask distributed is not installed, or no scheduler answers.
    """
    try:
        from distributed import Client
    except ImportError:
        raise InputError(
            "a cluster needs Dask distributed, which is not installed; install it with "
            "pip install 'twin[cluster]'"
        ) from None
    if isinstance(cluster, Client):
        _check_versions(cluster)
        yield cluster
        return
    with _opened(Client, cluster) as client:
        _check_versions(client)
        yield client


def sent_once(client: Client, value: Any, large: int) -> Any:
    """A handle of a value: itself, pickled, or its place with the scheduler where it is large.

    Workers fetch a large one once, and again where one of them was lost. Points that need one are
    at first given to the workers that have it, which is why a small one has no place of its own.

    Parameters
    ----------
    client : the connection.
    value : what cloudpickle can pickle.
    large : the most bytes that go with each point.

    Returns
    -------
    Packed or distributed.Future
    """
    import dask

    packed = pack(value)
    if len(packed) <= large:
        return Packed(packed)
    # The scheduler keeps the value itself on purpose, and needs no warning that it is large.
    with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1PB"}):
        return client.submit(pickle.loads, packed, pure=False)


def _opened(client: type[Client], cluster: Any) -> Client:
    where = str(getattr(cluster, "scheduler_address", cluster))
    how: dict[str, Any] = {"set_as_default": False}
    if isinstance(cluster, str | Path) and Path(cluster).is_file():
        how["scheduler_file"] = str(cluster)
    else:
        how["address"] = cluster
    try:
        return _connect(client, how)
    except (OSError, ValueError) as error:
        raise InputError(
            f"no Dask scheduler answers at {where} ({error}); start one with 'dask scheduler', and "
            "give its address or its scheduler file"
        ) from error


def _connect(client: type[Client], how: dict[str, Any]) -> Client:
    """Connect, and once more where the scheduler's greeting came together with other news.

    A client expects the greeting alone and fails an assertion else, which a busy scheduler makes
    happen now and then.
    """
    for _ in range(_ATTEMPTS - 1):
        with suppress(AssertionError):
            return client(**how)
    return client(**how)


def _version() -> str:
    return twin.__version__


def _check_versions(client: Client) -> None:
    for worker, found in client.run(_version, on_error="return").items():
        if found != twin.__version__:
            raise InputError(
                f"the worker {worker} must have twin {twin.__version__} as this computer has, "
                f"found {found}; install one version everywhere"
            )
