"""The options that say which image to read, the same for every command that takes one."""

from __future__ import annotations

import argparse

import twin
from meshing.units import spacing
from meshing.volume import Volume
from twin.cli.parser import Parser, converter, phases, whole_numbers


def add_image_options(parser: Parser, image: str = "image") -> None:
    """Add the image and how to read it, in the words of `twin.read`.

    The image is the first argument, or an option where `image` is "--image".
    """
    parser.add_argument(
        image, help="a file, a folder of slices, or a pattern such as 'slices/*.tif'"
    )
    group = parser.add_argument_group("how to read the image")
    group.add_argument(
        "--spacing",
        type=converter(spacing, "spacing"),
        metavar="LENGTH",
        help="edge of a voxel with its unit, as 50nm, or three as 20nm,5nm,5nm; "
        "by default what the file states",
    )
    group.add_argument(
        "--phases",
        type=converter(phases, "phases"),
        metavar="NAME=LABEL,...",
        help="names of the phases, as pore=0,AM=1,CBD=2; several labels as solid=1+2; "
        "by default each label is a phase",
    )
    group.add_argument("--crop", metavar="BOX", help="voxels along x, y, z, as 0:100,:,20:50")
    group.add_argument(
        "--axes",
        default="xyz",
        help="names of the stored axes 0, 1, 2: with zyx the pages of a TIFF lie along z "
        "(default: %(default)s)",
    )
    group.add_argument(
        "--rebin",
        type=converter(whole_numbers, "numbers"),
        metavar="N",
        help="join blocks of N voxels, or of three numbers as 2,2,1, by majority",
    )
    group.add_argument("--dataset", help="which array of an HDF5, NeXus, Zarr, .npz or .vti file")
    _add_raw_options(parser)


def read_image(options: argparse.Namespace) -> Volume:
    """Read the image that the options describe.

    Raises
    ------
    InputError
        When it cannot be read, or an option does not fit.
    """
    volume = twin.read(
        options.image,
        options.spacing,
        options.phases,
        dataset=options.dataset,
        shape=options.shape,
        dtype=options.dtype,
        byteorder=options.byteorder,
        offset=options.offset,
        crop=options.crop,
        axes=options.axes,
    )
    if options.rebin is None:
        return volume
    factors = options.rebin[0] if len(options.rebin) == 1 else options.rebin
    return twin.rebin(volume, factors)


def _add_raw_options(parser: Parser) -> None:
    group = parser.add_argument_group("how to read a RAW file, which says nothing about itself")
    group.add_argument(
        "--shape",
        type=converter(whole_numbers, "numbers"),
        metavar="N,N,N",
        help="voxels along each stored axis, the last running fastest",
    )
    group.add_argument("--dtype", help="type of a voxel, as uint8 or int16")
    group.add_argument("--byteorder", choices=("little", "big"), help="order of a voxel's bytes")
    group.add_argument("--offset", type=int, metavar="BYTES", help="bytes before the first voxel")
