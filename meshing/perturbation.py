"""Interfaces moved at random: other segmentations that are as plausible as the one given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Final

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from meshing.kernels.perturbation import count_at_interfaces, displace, list_at_interfaces, move
from meshing.labels import LabelArray
from meshing.units import Length, length
from meshing.volume import Volume

__all__ = ["Pairs", "check_perturbation", "check_whole", "perturb"]

Pairs = Sequence[tuple[str, str]]
"""Pairs of phases."""

#: Standard deviation of unit noise between which cubic B-splines lead: on each of three axes the
#: mean of the sum of their squares is 151/315.
_DEVIATION: Final = (151 / 315) ** 1.5

#: Voxels that are interpolated at a time.
_PART: Final = 2**20


def perturb(
    volume: Volume,
    share: float = 0.1,
    iterations: int = 5,
    *,
    width: Length | None = None,
    patch: Length | None = None,
    between: Pairs | None = None,
    seed: int = 0,
) -> Volume:
    r"""Move the interfaces between phases at random, as another segmentation might place them.

    *Voxel by voxel*, without a width: an iteration lists all voxels with a neighbour of another
    phase across a face, draws a share of them, and moves the interface at each by one voxel: across
    one of these faces, one of the two phases grows and the other gives way, either with the same
    probability. As many voxels change as the share says, rounded; fewer only where shares near 1
    leave no voxel to change. No interface moves by more voxels than there are iterations. This
    roughens the interfaces, while the volume fractions hardly change.

    *By patches*, with a width: interfaces move by a smooth random displacement, normal with that
    standard deviation and about alike within the distance `patch`, as they do where a threshold was
    too low in one part of the image and too high in another. The displacement is white noise on a
    grid of the distance `patch`, between which cubic B-splines lead; whole layers of voxels move,
    the nth where it is above n - 1/2 voxels. Interfaces stay smooth, and the volume fractions vary.

    The two phases of a flat interface gain and lose alike. A convex phase gains a little, in the
    second order of the displacement, as its outer side has more voxels than its inner one; and a
    phase of few voxels' thickness gains, as it can grow on but not lose more than it has.
    `twin.segmentation_uncertainty` reports what it comes to.

    Parameters
    ----------
    volume : Volume
        The segmented image, (nx, ny, nz) labels.
    share : float
        Voxel by voxel: share of the voxels at interfaces that change in an iteration, above 0 to 1.
    iterations : int
        Voxel by voxel: how many iterations, from 1 on.
    width : float or str, optional
        By patches: standard deviation of the displacement [m], or text with a unit.
    patch : float or str, optional
        By patches: distance over which interfaces move alike [m], or text with a unit.
    between : pairs of names of phases, optional
        The interfaces that move, as ``[("AM", "CBD")]``; by default those of all phases. Labels
        that belong to no phase stay as they are.
    seed : int
        Seed of the random numbers: the same arguments give the same voxels.

    Returns
    -------
    Volume
        With other labels, and the same spacing and phases.

    Raises
    ------
    InputError
        A share, a number of iterations, a width or a patch out of range, a width without a patch or
        the reverse, an unknown phase or a pair of one phase, a seed that is no whole number from 0
        on, no interface to move.

    References
    ----------
    Voxels of the interfaces pushed and pulled, a tenth in each of five iterations: Su, thesis,
    Universite de Picardie Jules Verne 2021, section 5.4.d, https://theses.hal.science/tel-03951438

    Examples
    --------
    >>> import numpy as np, twin
    >>> labels = np.zeros((10, 10, 10), np.uint8)
    >>> labels[5:] = 1
    >>> volume = twin.Volume(labels, phases={"pore": 0, "solid": 1})
    >>> other = twin.perturb(volume, share=0.1, iterations=1)
    >>> int(np.count_nonzero(other.labels != volume.labels))  # of 200 voxels at the interface
    20
    """
    check_perturbation(volume, share, iterations, width, patch, between)
    check_whole(seed, 0, "a seed is a whole number from 0 on")
    random = np.random.default_rng(seed)
    moves = _moves(volume, between)
    if width is None or patch is None:
        labels = _voxel_by_voxel(volume, moves, share, iterations, random)
    else:
        labels = _by_patches(volume, moves, length(width), length(patch), random)
    return replace(volume, labels=labels)


def check_perturbation(
    volume: Volume,
    share: float,
    iterations: int,
    width: Length | None,
    patch: Length | None,
    between: Pairs | None,
) -> None:
    """Make sure that the interfaces of a volume can be moved so.

    Parameters
    ----------
    volume, share, iterations, width, patch, between : as for `perturb`.

    Raises
    ------
    InputError
        When they cannot.

    Examples
    --------
    >>> from meshing.perturbation import check_perturbation
    >>> from meshing.volume import Volume
    >>> check_perturbation(Volume([[0, 1]]), 0.1, 5, None, None, [("0", "1")])
    """
    if not volume.phases:
        raise InputError("the volume has no phase, and no interface; name its phases by label")
    if not 0.0 < share <= 1.0:
        raise InputError(
            f"the share of the voxels at interfaces lies above 0, at most at 1; found {share!r}"
        )
    check_whole(iterations, 1, "iterations are a whole number from 1 on")
    _check_patches(volume, width, patch)
    if not len(_at_interfaces(volume.labels, _phase_of(volume), _moves(volume, between))):
        raise InputError(
            "there is no interface to move: no two voxels of the phases share a face; name other "
            "phases, or leave out between"
        )


def _voxel_by_voxel(
    volume: Volume,
    moves: NDArray[np.bool_],
    share: float,
    iterations: int,
    random: np.random.Generator,
) -> LabelArray:
    phase_of, labels = _phase_of(volume), volume.labels
    for _ in range(iterations):
        voxels = _at_interfaces(labels, phase_of, moves)
        order = random.permutation(len(voxels))
        choice = random.random(len(voxels), np.float32)
        grows = random.random(len(voxels), np.float32) < 0.5
        out = labels.copy()
        move(labels, phase_of, moves, voxels, order, choice, grows, round(share * len(voxels)), out)
        labels = out
    return labels


def _by_patches(
    volume: Volume,
    moves: NDArray[np.bool_],
    width: float,
    patch: float,
    random: np.random.Generator,
) -> LabelArray:
    noise = _Noise.draw(volume, patch, random)
    phase_of, labels = _phase_of(volume), volume.labels
    # Which of two phases grows where the field is positive: for each pair by itself.
    signs = np.triu(random.choice(np.array([-1, 1], np.int8), moves.shape), 1)
    towards = ((signs - signs.T) * moves).astype(np.int8)
    for layer in count():
        steps = (layer + 0.5) * np.array(volume.spacing)
        voxels = _at_interfaces(labels, phase_of, moves)
        field = noise.at(voxels) * width
        order = random.permutation(np.flatnonzero(np.abs(field) >= steps.min()))
        if not len(order):
            break
        out = labels.copy()
        displace(labels, phase_of, towards, steps, voxels, order, field, out)
        labels = out
    return labels


@dataclass(frozen=True, eq=False)
class _Noise:
    """A smooth random field: white noise on a coarse grid, and where the image lies in it."""

    shape: tuple[int, int, int]
    nodes: NDArray[np.float32]
    pitch: tuple[float, ...]
    shift: tuple[float, ...]

    @classmethod
    def draw(cls, volume: Volume, patch: float, random: np.random.Generator) -> _Noise:
        pitch = tuple(patch / edge for edge in volume.spacing)
        # More nodes on either side than the image needs, for the reach of the splines.
        size = [int(n / p) + 5 for n, p in zip(volume.shape, pitch, strict=True)]
        nodes = random.standard_normal(size, np.float32) / np.float32(_DEVIATION)
        return cls(volume.shape, nodes, pitch, tuple(random.random(3).tolist()))

    def at(self, voxels: NDArray[np.int64]) -> NDArray[np.float32]:
        """The field at voxels, given by their flat indices."""
        from scipy import ndimage

        out = np.empty(len(voxels), np.float32)
        for start in range(0, len(voxels), _PART):
            part = slice(start, start + _PART)
            places = np.unravel_index(voxels[part], self.shape)
            grid = [x / p + s + 1 for x, p, s in zip(places, self.pitch, self.shift, strict=True)]
            ndimage.map_coordinates(
                self.nodes, grid, out[part], order=3, mode="nearest", prefilter=False
            )
        return out


def _at_interfaces(
    labels: LabelArray, phase_of: NDArray[np.int16], moves: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Flat indices of the voxels at interfaces that may move."""
    counts = np.empty(labels.shape[0], np.int64)
    count_at_interfaces(labels, phase_of, moves, counts)
    out = np.empty(counts.sum(), np.int64)
    list_at_interfaces(labels, phase_of, moves, np.cumsum(counts) - counts, out)
    return out


def _phase_of(volume: Volume) -> NDArray[np.int16]:
    """Index of the phase of each label up to the highest that has a name, -1 for none."""
    labels = [volume.label_values(name) for name in volume.phases]
    table = np.full(max(map(max, labels)) + 1, -1, np.int16)
    for index, values in enumerate(labels):
        table[list(values)] = index
    return table


def _moves(volume: Volume, between: Pairs | None) -> NDArray[np.bool_]:
    """For each pair of phases whether their interface may move."""
    names = list(volume.phases)
    if between is None:
        return ~np.eye(len(names), dtype=bool)
    moves = np.zeros((len(names), len(names)), bool)
    for pair in between:
        a, b = (names.index(name) for name in _two_phases(volume, pair))
        moves[a, b] = moves[b, a] = True
    return moves


def _two_phases(volume: Volume, pair: object) -> list[str]:
    phases = list(pair) if isinstance(pair, Sequence) and not isinstance(pair, str) else []
    if len(set(phases)) != 2 or len(phases) != 2:
        raise InputError(f"an interface lies between two phases, as ('AM', 'CBD'); found {pair!r}")
    for name in phases:
        volume.present_labels(name)
    return phases


def check_whole(number: object, least: int, sentence: str) -> None:
    """Make sure that a number is whole and large enough.

    Parameters
    ----------
    number : what was given.
    least : the smallest that will do.
    sentence : what it should be.

    Raises
    ------
    InputError
        The sentence, and what was found.

    Examples
    --------
    >>> from meshing.perturbation import check_whole
    >>> check_whole(3, 1, "layers are counted from 1 on")
    """
    if isinstance(number, bool) or not isinstance(number, int | np.integer) or number < least:
        raise InputError(f"{sentence}; found {number!r}")


def _check_patches(volume: Volume, width: Length | None, patch: Length | None) -> None:
    if width is None and patch is None:
        return
    if width is None or patch is None:
        raise InputError(
            "a displacement by patches needs its width and the distance of its patches; give both, "
            "or neither to move voxel by voxel"
        )
    unit = "m" if volume.spacing_known else "voxels (the spacing is unknown)"
    if not length(width) > 0:
        raise InputError(f"the width of a displacement is above 0 {unit}; found {width!r}")
    if not length(patch) >= 2 * max(volume.spacing):
        raise InputError(
            f"a patch is two voxels long at least, {2 * max(volume.spacing):.4g} {unit}; found "
            f"{patch!r}; leave out width and patch to move voxel by voxel"
        )
