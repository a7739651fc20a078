"""What a discharge in an image is asked: cell, image, currents and what is resolved."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from meshing.reach import HIGH, LOW
from solvers.buffers import Buffers
from solvers.deposit import CARBON, FULL, PORE, POROUS, Deposit
from solvers.kernels.cells import narrow
from twin.lio2.constants import FARADAY, GAS_CONSTANT
from twin.lio2.layer import kinetics
from twin.lio2.parameters import Parameters

Array = NDArray[np.float64]

#: Pores that may carry electrolyte, and voxels that may carry electrons, by kind.
OPEN: Final = np.isin(np.arange(6), (PORE, POROUS))
SOLID: Final = np.isin(np.arange(6), (CARBON, POROUS, FULL))

Resolution = Literal["uniform", "resolved"]
OxygenEnd = Literal["low", "high", "both"]


@dataclass(frozen=True)
class Growth:
    """Where the product goes: into films on the carbon, into particles, or both.

    Attributes
    ----------
    solution_share : share of the product that is made in solution and goes to particles, 0 to 1;
        the rest becomes a film where it was made.
    nuclei : particles per carbon area [1/m2]; at least one particle.
    seed : of the places of the particles.
    supply : "basin", where carbon feeds the particle that is nearest to it, or "uniform", where all
        particles of a pore get alike, as by an intermediate that diffuses far.

    Examples
    --------
    >>> import twin
    >>> twin.lio2.Growth(solution_share=0.8, nuclei=1e12).supply
    'basin'
    """

    solution_share: float = 0.0
    nuclei: float = 1e12
    seed: int = 0
    supply: Literal["basin", "uniform"] = "basin"

    def __post_init__(self) -> None:
        if not 0.0 <= self.solution_share <= 1.0:
            raise InputError(
                f"the share of product that is made in solution is between 0 and 1, found "
                f"{self.solution_share!r}"
            )
        if not (self.nuclei > 0.0 and math.isfinite(self.nuclei)):
            raise InputError(
                f"nuclei per carbon area must be a number greater than 0 [1/m2], found "
                f"{self.nuclei!r}"
            )
        if type(self.seed) is not int or self.seed < 0:
            raise InputError(
                f"the seed of the places of particles is a whole number from 0 on, found "
                f"{self.seed!r}"
            )
        if self.supply not in ("basin", "uniform"):
            raise InputError(
                f"particles are fed by their 'basin' or in a 'uniform' way, found {self.supply!r}"
            )


@dataclass(frozen=True)
class NanoPorous:
    """Carbon whose voxels have pores that the image does not show, as carbon black at 25 nm.

    Attributes
    ----------
    porosity : of a carbon voxel [-].
    area : carbon area inside, over the volume of carbon voxels [1/m].
    exponent : D_eff / D inside is the porosity to this power.

    Examples
    --------
    >>> import twin
    >>> twin.lio2.NanoPorous(porosity=0.4, area=1e8).exponent
    1.5
    """

    porosity: float
    area: float
    exponent: float = 1.5

    def __post_init__(self) -> None:
        if not 0.0 < self.porosity < 1.0:
            raise InputError(
                f"the porosity of nano-porous carbon is between 0 and 1, found {self.porosity!r}"
            )
        for name in ("area", "exponent"):
            value = getattr(self, name)
            if not (value > 0.0 and math.isfinite(value)):
                raise InputError(
                    f"the {name} of nano-porous carbon must be greater than 0, found {value!r}"
                )


@dataclass(frozen=True)
class ImageStepping:
    """How far a discharge in an image goes from one solve for the fields to the next.

    A step ends at the first of these limits. Growth follows the rates of this and of the last
    solve, to second order in the step.

    Attributes
    ----------
    filling : largest product in a step, over the pores of the image [-].
    voxel : largest share of a voxel that films fill in a step [-].
    film : largest growth of a film in a step [m]; None for a quarter of the width over which the
        film stops electrons.
    error : largest difference between the second and the first order in a step, as the mean over
        the area [m]; None for a fiftieth of that width.
    settled : part of the current that sites may react otherwise than oxygen and potentials belong
        to, at every moment. The current is what was asked for to the last digit in any case.
    most_steps : more steps end the discharge.

    Examples
    --------
    >>> import twin
    >>> twin.lio2.ImageStepping(filling=0.02).voxel
    0.1
    """

    filling: float = 0.01
    voxel: float = 0.1
    film: float | None = None
    error: float | None = None
    settled: float = 1e-4
    most_steps: int = 10_000

    def __post_init__(self) -> None:
        for name in ("filling", "voxel", "film", "error", "settled", "most_steps"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise InputError(f"{name} of a step must be greater than 0, found {value!r}")
        if type(self.most_steps) is not int:
            raise InputError(f"most_steps must be a whole number, found {self.most_steps!r}")


@dataclass(frozen=True)
class Bath:
    """Electrolyte that surrounds an image, whose own potential is zero.

    Attributes
    ----------
    oxygen, salt : concentrations on both ends of the image [mol/m3].
    """

    oxygen: float
    salt: float


@dataclass(frozen=True, eq=False)
class ImageModel:
    """A question about an image, in SI units.

    Attributes
    ----------
    parameters : of the cell; porosity and thickness are those of the image.
    axis : 0, 1, 2.
    oxygen : the end where oxygen enters; the separator is at the other. With "both" oxygen and ions
        enter at both.
    current_density : over the cross-section [A/m2].
    cross_section : of the image [m2].
    exponent : diffusivity of a voxel is (1 - theta) to this power.
    porous : nano-porous carbon, or None.
    growth : where the product goes.
    electrolyte : whether potential and salt are resolved.
    carbon_conductivity : of carbon voxels [S/m]; inf where their potential is uniform.
    bath : what the image lies in; None where it is the whole cathode.
    settled : part of the current that sites may react otherwise than the fields belong to.
    buffers : of which steps take large arrays.
    """

    parameters: Parameters
    axis: int
    oxygen: OxygenEnd
    current_density: float
    cross_section: float
    exponent: float
    porous: NanoPorous | None
    growth: Growth
    electrolyte: Resolution
    carbon_conductivity: float
    bath: Bath | None = None
    settled: float = 1e-4
    buffers: Buffers = field(default_factory=Buffers)

    @property
    def current(self) -> float:
        """Of the image [A]."""
        return self.current_density * self.cross_section

    @property
    def resolves_electrons(self) -> bool:
        """Whether the potential of the carbon is a field."""
        return math.isfinite(self.carbon_conductivity)

    @property
    def tafel_slope(self) -> float:
        """Change of the overpotential that changes a rate e-fold [V]."""
        p = self.parameters
        return p.thermal_voltage / p.charge_transfer_coefficient

    @property
    def volume_per_charge(self) -> float:
        """Product of a charge [m3/C]."""
        p = self.parameters
        return p.product_molar_volume / (p.electrons * FARADAY)

    @property
    def kinetics(self) -> Array:
        """Coefficients of `solvers.kernels.surface_reaction.surface_rate`."""
        return kinetics(self.parameters)

    def oxygen_at_face(self, charge: float) -> float:
        """Dissolved oxygen on the end where it enters, after a charge [mol/m3].

        In equilibrium with the gas, less what its transfer into the electrolyte takes.
        """
        if self.bath is not None:
            return self.bath.oxygen
        p = self.parameters
        per_area = charge / self.cross_section / (p.electrons * FARADAY)
        pressure = p.oxygen_pressure - GAS_CONSTANT * p.temperature * per_area / p.gas_volume
        flow = self.current_density / (p.electrons * FARADAY)
        return p.henry_constant * pressure - flow / p.gas_transfer_coefficient

    @property
    def saturation(self) -> float:
        """Dissolved oxygen that nothing takes away [mol/m3]."""
        return self.parameters.dissolved_oxygen if self.bath is None else self.bath.oxygen

    @property
    def electrolyte_at_separator(self) -> float:
        """Potential on the separator's end of the image, against lithium [V]; 0 in a bath."""
        if self.bath is not None:
            return 0.0
        p = self.parameters
        half = 0.5 * self.current_density / p.lithium_exchange_current_density
        length = p.separator_thickness * p.separator_tortuosity / p.separator_porosity
        drop = self.current_density * length / p.ionic_conductivity
        return -2.0 * p.thermal_voltage * math.asinh(half) - drop

    @property
    def salt_at_separator(self) -> float:
        """Concentration on the separator's end of the image [mol/m3]."""
        return self.parameters.salt_concentration if self.bath is None else self.bath.salt

    def conductivity(self, deposit: Deposit, flags: NDArray[np.uint8]) -> Array:
        """Of oxygen and ions in voxels that reach both ends, relative to free electrolyte."""
        inside = 0.0 if self.porous is None else self.porous.porosity**self.porous.exponent
        base = np.where(np.arange(6) == POROUS, inside, 1.0)
        out: Array = self.buffers.empty(deposit.kind.shape, np.float64)
        narrow(
            deposit.kind, flags, LOW | HIGH, deposit.film, deposit.particle, base, self.exponent,
            out,
        )  # fmt: skip
        return out


def carbon_loading(
    kind: NDArray[np.uint8], porous: float, density: float, thickness: float
) -> float:
    """Carbon per cross-section of an image [kg/m2]; binder and other phases weigh nothing.

    Parameters
    ----------
    kind : (nx, ny, nz), as in `Deposit`.
    porous : porosity of nano-porous carbon; nan without.
    density : of carbon without pores [kg/m3].
    thickness : of the image [m].
    """
    solid = float(np.count_nonzero(kind == CARBON))
    inside = int(np.count_nonzero((kind == POROUS) | (kind == FULL)))
    if inside:
        solid += (1.0 - porous) * inside
    return density * solid / kind.size * thickness
