"""A segmented X-ray tomogram goes in, physics comes out.

Everything a user needs is a name of this module; `import twin` is the one import. The names are
loaded from their modules at first use, so that the import itself is light and changes nothing.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from twin._siblings import check_siblings

if TYPE_CHECKING:
    from meshing import generate as generate
    from meshing.areas import Area as Area
    from meshing.areas import SurfaceAreas as SurfaceAreas
    from meshing.areas import surface_areas as surface_areas
    from meshing.dead_ends import DeadEnds as DeadEnds
    from meshing.dead_ends import dead_ends as dead_ends
    from meshing.errors import InputError as InputError
    from meshing.formats import read as read
    from meshing.fractions import VolumeFraction as VolumeFraction
    from meshing.fractions import volume_fractions as volume_fractions
    from meshing.hexahedra import HexahedralMesh as HexahedralMesh
    from meshing.hexahedra import hexahedra as hexahedra
    from meshing.interfaces import Interface as Interface
    from meshing.interfaces import InterfaceFaces as InterfaceFaces
    from meshing.interfaces import interface as interface
    from meshing.interfaces import interface_faces as interface_faces
    from meshing.mesh_files import write_mesh as write_mesh
    from meshing.percolation import Percolation as Percolation
    from meshing.percolation import percolation as percolation
    from meshing.perturbation import perturb as perturb
    from meshing.surfaces import Smoothing as Smoothing
    from meshing.surfaces import Surface as Surface
    from meshing.surfaces import surface as surface
    from meshing.triple_lines import TripleLength as TripleLength
    from meshing.triple_lines import TripleLines as TripleLines
    from meshing.triple_lines import triple_lines as triple_lines
    from meshing.volume import Volume as Volume
    from meshing.volume_edit import crop as crop
    from meshing.volume_edit import merge_phases as merge_phases
    from meshing.volume_edit import name_axes as name_axes
    from meshing.volume_edit import rebin as rebin
    from meshing.voxel_mesh import VoxelMesh as VoxelMesh
    from meshing.voxel_mesh import voxel_mesh as voxel_mesh
    from solvers.report import NotConverged as NotConverged
    from solvers.report import Solver as Solver
    from twin import lio2 as lio2
    from twin.bottlenecks import Bottlenecks as Bottlenecks
    from twin.bottlenecks import bottlenecks as bottlenecks
    from twin.characterize import characterize as characterize
    from twin.conduction import conduction as conduction
    from twin.conduction_results import Conduction as Conduction
    from twin.constrictions import Constriction as Constriction
    from twin.correlation import correlation as correlation
    from twin.correlation_results import Correlation as Correlation
    from twin.directions import Directions as Directions
    from twin.driving import NotPercolating as NotPercolating
    from twin.electrode import electrode_tortuosity as electrode_tortuosity
    from twin.electrode_results import ElectrodeTortuosity as ElectrodeTortuosity
    from twin.export import to_pyvista as to_pyvista
    from twin.export import write_vti as write_vti
    from twin.flux_partition import FluxPartition as FluxPartition
    from twin.flux_partition import flux_partition as flux_partition
    from twin.fraction_results import FractionUncertainty as FractionUncertainty
    from twin.fraction_uncertainty import fraction_uncertainty as fraction_uncertainty
    from twin.impedance import impedance as impedance
    from twin.impedance_results import Impedance as Impedance
    from twin.info import Info as Info
    from twin.info import info as info
    from twin.interop import FipyImage as FipyImage
    from twin.interop import to_fipy as to_fipy
    from twin.microstructure import Characterization as Characterization
    from twin.network_flow import NetworkFlow as NetworkFlow
    from twin.particle_contacts import Contacts as Contacts
    from twin.particle_results import Particles as Particles
    from twin.particles import particles as particles
    from twin.pore_network import pore_network as pore_network
    from twin.pore_network_results import PoreNetwork as PoreNetwork
    from twin.pore_size_results import PoreSizes as PoreSizes
    from twin.pore_sizes import pore_sizes as pore_sizes
    from twin.profile import profile as profile
    from twin.profile_results import Profile as Profile
    from twin.rendering import render as render
    from twin.report import report as report
    from twin.representative import representative as representative
    from twin.representative_results import Representative as Representative
    from twin.results import Tortuosity as Tortuosity
    from twin.segmentation_results import SegmentationUncertainty as SegmentationUncertainty
    from twin.segmentation_uncertainty import segmentation_uncertainty as segmentation_uncertainty
    from twin.size_distribution import SizeDistribution as SizeDistribution
    from twin.spectrum import Spectrum as Spectrum
    from twin.spectrum_export import to_impedance_py as to_impedance_py
    from twin.spectrum_export import to_pybamm as to_pybamm
    from twin.spectrum_files import read_spectrum as read_spectrum
    from twin.spectrum_fit import TransmissionLineFit as TransmissionLineFit
    from twin.spectrum_fit import fit_transmission_line as fit_transmission_line
    from twin.spectrum_ruler import graphical_resistance as graphical_resistance
    from twin.streamlines import StreamLines as StreamLines
    from twin.streamlines import streamlines as streamlines
    from twin.studies.table import Sweep as Sweep
    from twin.sweep import sweep as sweep
    from twin.tensor import ConductivityTensor as ConductivityTensor
    from twin.tensor import DiffusivityTensor as DiffusivityTensor
    from twin.tensor import conductivity_tensor as conductivity_tensor
    from twin.tensor import diffusivity_tensor as diffusivity_tensor
    from twin.tiff import write_tiff as write_tiff
    from twin.tortuosity import tortuosity as tortuosity
    from twin.transmission_line import transmission_line as transmission_line
    from twin.volume_plots import plot_slices as plot_slices
    from twin.wall import Wall as Wall
    from twin.wall_fit import WallFit as WallFit
    from twin.wall_fit import fit_wall as fit_wall

__version__ = "0.1.0"

# public name -> the module it is imported from; the imports for type checkers say the same
_HOME = {
    "Area": "meshing.areas",
    "Bottlenecks": "twin.bottlenecks",
    "bottlenecks": "twin.bottlenecks",
    "Characterization": "twin.microstructure",
    "characterize": "twin.characterize",
    "Conduction": "twin.conduction_results",
    "conduction": "twin.conduction",
    "conductivity_tensor": "twin.tensor",
    "ConductivityTensor": "twin.tensor",
    "Constriction": "twin.constrictions",
    "Contacts": "twin.particle_contacts",
    "Correlation": "twin.correlation_results",
    "correlation": "twin.correlation",
    "crop": "meshing.volume_edit",
    "dead_ends": "meshing.dead_ends",
    "DeadEnds": "meshing.dead_ends",
    "diffusivity_tensor": "twin.tensor",
    "DiffusivityTensor": "twin.tensor",
    "Directions": "twin.directions",
    "electrode_tortuosity": "twin.electrode",
    "ElectrodeTortuosity": "twin.electrode_results",
    "FipyImage": "twin.interop",
    "fit_transmission_line": "twin.spectrum_fit",
    "fit_wall": "twin.wall_fit",
    "flux_partition": "twin.flux_partition",
    "FluxPartition": "twin.flux_partition",
    "fraction_uncertainty": "twin.fraction_uncertainty",
    "FractionUncertainty": "twin.fraction_results",
    "generate": "meshing",
    "graphical_resistance": "twin.spectrum_ruler",
    "hexahedra": "meshing.hexahedra",
    "HexahedralMesh": "meshing.hexahedra",
    "Impedance": "twin.impedance_results",
    "impedance": "twin.impedance",
    "Info": "twin.info",
    "info": "twin.info",
    "InputError": "meshing.errors",
    "Interface": "meshing.interfaces",
    "interface": "meshing.interfaces",
    "interface_faces": "meshing.interfaces",
    "InterfaceFaces": "meshing.interfaces",
    "lio2": "twin",
    "merge_phases": "meshing.volume_edit",
    "name_axes": "meshing.volume_edit",
    "NetworkFlow": "twin.network_flow",
    "NotConverged": "solvers.report",
    "NotPercolating": "twin.driving",
    "Particles": "twin.particle_results",
    "particles": "twin.particles",
    "Percolation": "meshing.percolation",
    "percolation": "meshing.percolation",
    "perturb": "meshing.perturbation",
    "plot_slices": "twin.volume_plots",
    "pore_network": "twin.pore_network",
    "pore_sizes": "twin.pore_sizes",
    "PoreNetwork": "twin.pore_network_results",
    "PoreSizes": "twin.pore_size_results",
    "Profile": "twin.profile_results",
    "profile": "twin.profile",
    "read": "meshing.formats",
    "read_spectrum": "twin.spectrum_files",
    "rebin": "meshing.volume_edit",
    "render": "twin.rendering",
    "report": "twin.report",
    "Representative": "twin.representative_results",
    "representative": "twin.representative",
    "segmentation_uncertainty": "twin.segmentation_uncertainty",
    "SegmentationUncertainty": "twin.segmentation_results",
    "SizeDistribution": "twin.size_distribution",
    "Smoothing": "meshing.surfaces",
    "Solver": "solvers.report",
    "Spectrum": "twin.spectrum",
    "StreamLines": "twin.streamlines",
    "streamlines": "twin.streamlines",
    "Surface": "meshing.surfaces",
    "surface": "meshing.surfaces",
    "surface_areas": "meshing.areas",
    "SurfaceAreas": "meshing.areas",
    "Sweep": "twin.studies.table",
    "sweep": "twin.sweep",
    "to_fipy": "twin.interop",
    "to_impedance_py": "twin.spectrum_export",
    "to_pybamm": "twin.spectrum_export",
    "to_pyvista": "twin.export",
    "Tortuosity": "twin.results",
    "tortuosity": "twin.tortuosity",
    "transmission_line": "twin.transmission_line",
    "TransmissionLineFit": "twin.spectrum_fit",
    "triple_lines": "meshing.triple_lines",
    "TripleLength": "meshing.triple_lines",
    "TripleLines": "meshing.triple_lines",
    "Volume": "meshing.volume",
    "volume_fractions": "meshing.fractions",
    "VolumeFraction": "meshing.fractions",
    "voxel_mesh": "meshing.voxel_mesh",
    "VoxelMesh": "meshing.voxel_mesh",
    "Wall": "twin.wall",
    "WallFit": "twin.wall_fit",
    "write_mesh": "meshing.mesh_files",
    "write_tiff": "twin.tiff",
    "write_vti": "twin.export",
}

__all__ = ["__version__", *_HOME]

check_siblings()


class _Face(ModuleType):
    """The module `twin`, on which a public name is never hidden by the submodule that holds it."""

    def __setattr__(self, name: str, value: Any) -> None:
        # Loading twin/tortuosity.py makes Python bind `twin.tortuosity` to that submodule, while
        # `twin.tortuosity(...)` is what users call: the public thing of that name stays in place.
        if isinstance(value, ModuleType) and _HOME.get(name) == value.__name__:
            value = getattr(value, name)
        super().__setattr__(name, value)

    def __reduce__(self) -> tuple[Any, ...]:
        # A user's function that names `twin` goes to other processes, and its module goes by name.
        return import_module, (self.__name__,)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = import_module(_HOME[name])
    if name not in vars(home):  # the name is a module itself, not loaded before
        import_module(f"{_HOME[name]}.{name}")
    value = getattr(home, name)
    globals()[name] = value  # the next look-up finds it without coming here
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


sys.modules[__name__].__class__ = _Face
