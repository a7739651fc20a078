"""One page about an image, to look at and to send: `twin.report`."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import twin
from meshing.errors import InputError
from meshing.phase_numbers import phase_numbers
from meshing.units import format_length
from meshing.volume import Volume
from solvers.report import NotConverged
from twin.files import atomic, check_writable
from twin.progress import StepProgress
from twin.reporting.microstructure import phases_section, surfaces_section
from twin.reporting.page import Page, Section, facts, image, paragraph, picture, share_bar
from twin.reporting.provenance import in_words, provenance
from twin.reporting.sizes import particles_section, pores_section, profiles_section
from twin.reporting.transport import transport_section
from twin.slices import length_scale
from twin.volume_plots import phase_colours

__all__ = ["report"]

_SUFFIXES: Final = (".html", ".htm")
_Found = tuple[list[Section], dict[str, Any]]


def report(
    volume: Volume,
    path: str | Path,
    *,
    pores: str | None = None,
    particles: str | None = None,
    transport: Sequence[str] = (),
    rendering: bool = True,
    title: str | None = None,
    source: str | Path | None = None,
    command: str | None = None,
    progress: StepProgress | None = None,
) -> Path:
    """Write one page of HTML about an image, which needs no other file and no network.

    It has three slices and a rendering; fractions, percolation, surfaces and triple lines as
    `twin.characterize` finds them; profiles along the axes; the sizes of pores and of particles;
    the tortuosity factor along x, y and z where asked for; and where all of it comes from. What
    cannot be had of an image is said in its place on the page.

    Parameters
    ----------
    volume : Volume
        The image, (nx, ny, nz) labels, with at most 16 phases.
    path : str or Path
        The page, ``.html``; a file of that name is replaced.
    pores : str, optional
        The phase whose sizes are found by local thickness; by default the first that has voxels.
    particles : str, optional
        A phase to separate into particles; by default none.
    transport : sequence of str
        Phases through which to solve, each along every axis.
    rendering : bool
        Whether to draw the image in three dimensions.
    title : str, optional
        The heading; by default the name of the source, or "Microstructure".
    source : str or Path, optional
        The file that the image was read from, of which the page then has the name and the hash.
    command : str, optional
        The command that made the page.
    progress : callable, optional
        Called before every step with its name, the number of steps done, and that of all.

    Returns
    -------
    Path
        The page that was written.

    Raises
    ------
    InputError
        When the suffix is another, the file cannot be written, a phase is unknown, there are too
        many phases, or the volume does not fit in memory.

    Examples
    --------
    >>> import twin
    >>> volume = twin.generate.electrode((32, 32, 32), spacing="1um")
    >>> page = twin.report(volume, "electrode.html", rendering=False)
    >>> "Surfaces and triple lines" in page.read_text(encoding="utf-8")
    True
    """
    path = Path(path)
    _check(path, volume, [pores, particles, *transport])
    pores = _first_phase(volume) if pores is None else pores
    steps: list[tuple[str, Callable[[], _Found]]] = [
        ("pictures", partial(_pictures, volume, rendering)),
        ("microstructure", partial(_microstructure, volume)),
        ("profiles", partial(_one, "profiles", profiles_section, volume)),
        ("pore sizes", partial(_one, "pore_sizes", pores_section, volume, pores)),
    ]
    if particles is not None:
        found = partial(_one, "particles", particles_section, volume, particles)
        steps.append(("particles", found))
    for phase in transport:
        one = partial(_one, f"transport.{phase}", transport_section, volume, phase)
        steps.append((f"transport through {phase}", one))
    sections, numbers = _run(steps, progress)
    known = provenance(source, command)
    sections.append(_origin(known))
    heading = title or (Path(source).name if source is not None else "Microstructure")
    page = Page(heading, _lead(volume), sections, {"provenance": known, **numbers})
    with atomic(path) as temporary:
        temporary.write_text(page.html(), encoding="utf-8")
    return path


def _check(path: Path, volume: Volume, phases: Sequence[str | None]) -> None:
    if path.suffix.lower() not in _SUFFIXES:
        raise InputError(f"a report is a page of HTML, found {path.name!r}; name it .html")
    check_writable(path)
    phase_numbers(volume)  # refuses grey values before anything is drawn
    for phase in phases:
        if phase is not None:
            volume.present_labels(phase)


def _first_phase(volume: Volume) -> str:
    return next(name for name in volume.phases if volume.voxel_count(name))


def _run(steps: list[tuple[str, Callable[[], _Found]]], progress: StepProgress | None) -> _Found:
    sections: list[Section] = []
    numbers: dict[str, Any] = {}
    for done, (name, step) in enumerate(steps):
        if progress is not None:
            progress(name, done, len(steps))
        try:
            parts, found = step()
        except (InputError, NotConverged) as error:
            parts, found = [_missing(name, error)], {}
        sections += parts
        numbers |= found
    return sections, numbers


def _missing(name: str, error: Exception) -> Section:
    """Why a part of the page is not there."""
    return Section(name[:1].upper() + name[1:], paragraph(f"Not to be had here: {error}.", "note"))


def _one(key: str, make: Callable[..., tuple[Section, dict[str, Any]]], *arguments: Any) -> _Found:
    section, numbers = make(*arguments)
    return [section], {key: numbers}


def _microstructure(volume: Volume) -> _Found:
    found = twin.characterize(volume)
    return [phases_section(found), surfaces_section(found)], {"microstructure": found.to_dict()}


def _pictures(volume: Volume, rendering: bool) -> _Found:
    body = picture(twin.plot_slices(volume), "Slices through the middle across z, y and x")
    if rendering:
        body += _rendering(volume)
    return [Section("Pictures", body)], {}


def _rendering(volume: Volume) -> str:
    if min(volume.shape) == 1:
        return paragraph("An image one voxel thick has no rendering.", "lead")
    hidden = _first_phase(volume)
    with tempfile.TemporaryDirectory() as folder:
        try:
            file = twin.render(volume, Path(folder) / "rendering.png", size=(1200, 980))
        except InputError as error:
            return paragraph(f"Without a rendering: {error}.", "note")
        return image(
            file.read_bytes(), "The image in three dimensions", f"without {hidden}", "half"
        )


def _lead(volume: Volume) -> str:
    phases = phase_numbers(volume)
    total = volume.labels.size
    shares = {
        name: (volume.voxel_count(name) / total, colour)
        for name, colour in zip(phases.names, phase_colours(phases.names), strict=True)
        if name in volume.phases
    }
    unnamed = 1 - sum(share for share, _ in shares.values())
    if len(phases.names) > len(volume.phases):
        shares[phases.names[-1]] = (unnamed, phase_colours(phases.names)[-1])
    return "".join(_size(volume)) + share_bar(shares)


def _size(volume: Volume) -> Iterator[str]:
    shape = " × ".join(map(str, volume.shape))
    known = {"voxels along x, y, z": shape, "voxels": f"{volume.labels.size:,}"}
    if volume.spacing_known:
        same = len(set(volume.spacing)) == 1
        edges = volume.spacing[:1] if same else volume.spacing
        known["edge of a voxel" if same else "edges"] = " × ".join(map(format_length, edges))
        scale, unit = length_scale(volume)
        sizes = (n * h * scale for n, h in zip(volume.shape, volume.spacing, strict=True))
        known["edges of the image"] = " × ".join(f"{size:.4g}" for size in sizes) + f" {unit}"
    else:
        yield paragraph(
            "The size of a voxel is not known: all lengths on this page are in voxels, areas and "
            "volumes in their squares and cubes. Give the spacing to have them in metres.",
            "note",
        )
    yield facts(known)


def _origin(known: dict[str, Any]) -> Section:
    return Section("Where this comes from", facts(in_words(known)))
