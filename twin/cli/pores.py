"""`twin pores`: how large pores are, and the network that they make."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import twin
from meshing.errors import InputError
from twin.cli.image import add_image_options, read_image
from twin.cli.output import STANDARD_OUTPUT, add_output_options, outputs, write_result
from twin.cli.parser import Commands
from twin.pore_network_results import PoreNetwork
from twin.pore_size_results import WORDS, PoreSizes
from twin.pore_sizes import Method


def add_to(commands: Commands) -> None:
    """Add the command to the parser."""
    text = "measure how large the pores of a phase are, or cut it into a network of pores"
    parser = commands.add_parser("pores", help=text, description=f"{text.capitalize()}.")
    add_image_options(parser)
    group = parser.add_argument_group("what to measure")
    group.add_argument("--phase", required=True, help="the phase to measure, pore or solid")
    group.add_argument(
        "--method",
        choices=tuple(WORDS),
        help="what the size of a voxel is (default: local-thickness)",
    )
    group.add_argument(
        "--axis",
        help="letters of xyz: where mercury comes in, chords run, or something flows through the "
        "network (default: every axis of more than one voxel)",
    )
    group.add_argument(
        "--ignore-memory",
        action="store_true",
        help="go on even when the estimated memory is larger than what is free",
    )
    network = parser.add_argument_group("the network of pores")
    network.add_argument(
        "--network", action="store_true", help="cut the phase into pores and throats instead"
    )
    network.add_argument(
        "--reach",
        type=int,
        metavar="N",
        help="how far, in voxels, a peak of the distance is the highest (default: 4)",
    )
    network.add_argument(
        "--smoothing",
        type=float,
        metavar="N",
        help="standard deviation, in voxels, of the smoothing of the distance (default: 0.4)",
    )
    add_output_options(
        parser,
        rows="the histogram, or one row for each axis of the network and its tables as "
        "name_pores.csv and name_throats.csv",
        fields="the size of each voxel for ParaView, or the pore of each voxel and the network as "
        "name_network.vtp",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit code: 1 where no path of pores joins the faces."""
    wanted = outputs(options)
    wanted.check()
    _check(options)
    volume = read_image(options)
    about = {"twin": twin.__version__, "image": options.image}
    if not options.network:
        method: Method = options.method or "local-thickness"
        sizes = twin.pore_sizes(
            volume, options.phase, method, axis=options.axis, ignore_memory=options.ignore_memory
        )
        write_result(wanted, _Written(sizes), about)
        return 0
    given = {name: getattr(options, name) for name in ("reach", "smoothing")}
    network = twin.pore_network(
        volume, options.phase, options.axis, ignore_memory=options.ignore_memory,
        **{name: value for name, value in given.items() if value is not None},
    )  # fmt: skip
    if wanted.csv is not None and wanted.csv != STANDARD_OUTPUT:
        network.to_csv(wanted.csv)
    write_result(wanted, _Written(network), about)
    return 0 if network.percolates else 1


def _check(options: argparse.Namespace) -> None:
    if options.network and options.method is not None:
        raise InputError("--method is for sizes; leave it out with --network")
    if not options.network and (options.reach is not None or options.smoothing is not None):
        raise InputError("--reach and --smoothing are for the network; add --network")


@dataclass(frozen=True)
class _Written:
    """Sizes or a network as what the command line writes."""

    found: PoreSizes | PoreNetwork

    def summary(self) -> str:
        return self.found.summary()

    def to_dict(self) -> dict[str, Any]:
        return self.found.to_dict()

    def rows(self) -> list[dict[str, Any]]:
        return self.found.rows()

    def plot(self, path: str | Path | None = None) -> Any:
        return self.found.plot(path)

    def to_vtk(self, path: str | Path) -> list[Path]:
        written = [self.found.to_vtk(path)]
        if isinstance(self.found, PoreNetwork):
            bodies = Path(path).with_name(f"{Path(path).stem}_network.vtp")
            written.append(self.found.to_vtk(bodies))
        return written
