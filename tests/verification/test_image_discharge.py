"""Discharges in images against exact answers: Thiele, Tafel, ladders, closing pores, films."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy.optimize import brentq
from support.image_discharge import (
    EDGE,
    Ladder,
    at_separator,
    cell,
    ohmic_tafel,
    pore,
    random_image,
    resolved_electrolyte,
    slab,
    tafel_slope,
    voltage,
)

import twin
from solvers.closing import CLOSES
from solvers.deposit import CLOSED
from twin.lio2 import Growth, ImageDischarge, ImageStepping, Parameters, discharge_image
from twin.lio2.constants import FARADAY

pytestmark = [
    pytest.mark.verification,
    pytest.mark.filterwarnings("ignore:voxels of:UserWarning"),
]

THIELE = "Thiele 1939, Ind. Eng. Chem. 31, 916"
NO_ROOM = {"product_density": 1e12}  # product that takes none
EXACT = 1e-9  # part of the current that may sit elsewhere
MOMENT = {  # the first two moments
    "area": "voxel", "capacity": 1e-9, "stepping": ImageStepping(settled=EXACT),
}  # fmt: skip


def thiele(p: Parameters, density: float, ladder: Ladder) -> float:
    """Voltage of a pore with walls that react: I = (n F D c0 A / L) phi tanh phi."""
    scale = p.electrons * FARADAY * p.oxygen_diffusivity * ladder.edge**2 / ladder.length
    target = ladder.current(density) / (scale * p.dissolved_oxygen)
    phi = brentq(lambda x: x * math.tanh(x) - target, 1e-9, 1e3, xtol=1e-14)
    per_length = ladder.wall / ladder.step
    constant = phi**2 * scale / (ladder.length * per_length)
    return voltage(p, density, constant * p.reference_oxygen)


@pytest.mark.parametrize("density", [0.02, 0.2, 2.0])
def test_a_pore_with_reacting_walls_is_thieles(
    density: float, record_verification: Callable[..., None]
) -> None:
    """The difference equation to the solver's accuracy, and the continuum at second order."""
    p = cell(**NO_ROOM)
    errors = []
    for layers in (10, 20, 40):
        ladder = Ladder(p, layers)
        found = discharge_image(pore(layers), p, density, **MOMENT).voltage[0]
        assert found == pytest.approx(ladder.first(density), abs=1e-8)
        exact = thiele(p, density, ladder)
        errors.append(abs(found - exact))
    order = math.log2(errors[1] / errors[2])
    record_verification(
        f"voltage of a pore with reacting walls at {density:g} A/m2 [V]", exact, found,
        errors[2], order=order, source=THIELE,
    )  # fmt: skip
    assert order == pytest.approx(2.0, abs=0.02)
    assert errors[2] < 2e-5


def test_oxygen_falls_into_a_pore_as_thieles_does() -> None:
    """c = c0 cosh(mu (i + 1/2)) / ..., the same to the solver's accuracy in every voxel."""
    p, layers, density = cell(**NO_ROOM), 20, 2.0
    d = discharge_image(pore(layers), p, density, **MOMENT)
    ladder = Ladder(p, layers)
    eta = d.voltage[0] - p.equilibrium_voltage - at_separator(p, density)
    k = p.exchange_current_density / p.reference_oxygen * math.exp(-eta / tafel_slope(p))
    scale = p.electrons * FARADAY * p.oxygen_diffusivity * ladder.conductance
    mu = 2 * math.asinh(0.5 * math.sqrt(k * ladder.wall / scale))
    cosines = np.cosh(mu * (np.arange(layers) + 0.5))
    face = 0.5 * (cosines[-1] + math.cosh(mu * (layers + 0.5)))
    assert np.allclose(d.profiles()["oxygen"], p.dissolved_oxygen * cosines / face, rtol=1e-5)


def test_a_uniform_reaction_has_tafels_slope(record_verification: Callable[..., None]) -> None:
    """The voltage from i0, areas, the foil's kinetics and the separator's drop alone."""
    p = cell(oxygen_diffusivity=1.0, oxygen_pressure=2e5, **NO_ROOM)
    wall = 4 * EDGE * 4e-6
    densities = (1e-3, 0.1, 10.0)
    kinetic = []
    for density in densities:
        found = discharge_image(pore(8), p, density, **MOMENT).voltage[0]
        relative = p.dissolved_oxygen / p.reference_oxygen
        exact = voltage(p, density, density * 9 * EDGE**2 / wall / relative)
        assert found == pytest.approx(exact, abs=1e-9)
        kinetic.append(found - at_separator(p, density))
    slope = (kinetic[0] - kinetic[2]) / 4
    expected = tafel_slope(p) * math.log(10)
    record_verification(
        "Tafel slope in an image [V per decade]", expected, slope, abs(slope / expected - 1)
    )
    assert slope == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("density", [1.0, 4.0])
def test_electrons_through_a_bar_of_carbon(
    density: float, record_verification: Callable[..., None]
) -> None:
    p = cell(oxygen_diffusivity=1.0, electronic_conductivity=1e-4, **NO_ROOM)
    errors = []
    for layers in (20, 40, 80):
        ladder = Ladder(p, layers, walls=1, total=2)
        image = slab(layers, 4e-6)
        found = discharge_image(image, p, density, electrons="resolved", **MOMENT).voltage[0]
        exact = ohmic_tafel(ladder, density, p.electronic_conductivity)
        errors.append(abs(found - exact))
    order = math.log2(errors[1] / errors[2])
    record_verification(
        f"voltage of a bar with an ohmic drop at {density:g} A/m2 [V]", exact, found, errors[2],
        order=order,
    )  # fmt: skip
    assert order == pytest.approx(2.0, abs=0.05)


IONS = {"ionic_conductivity": 1e-4, "separator_thickness": 1e-15, "oxygen_diffusivity": 1.0}


@pytest.mark.parametrize("density", [1.0, 4.0])
def test_ions_through_a_pore(density: float, record_verification: Callable[..., None]) -> None:
    """No drop but the ohmic one: the closed form; with salt: the equations solved at once."""
    p = cell(thermodynamic_factor=1e-12, salt_diffusivity=1.0, **IONS, **NO_ROOM)
    errors = []
    for layers in (20, 40, 80):
        ladder = Ladder(p, layers)
        found = discharge_image(pore(layers), p, density, electrolyte="resolved", **MOMENT).voltage[
            0
        ]
        errors.append(abs(found - ohmic_tafel(ladder, density, p.ionic_conductivity)))
    order = math.log2(errors[1] / errors[2])
    assert order == pytest.approx(2.0, abs=0.1)
    p = cell(thermodynamic_factor=1.5, salt_diffusivity=2e-13, **IONS, **NO_ROOM)
    p = p.replace(lithium_order=1.0)
    d = discharge_image(pore(20), p, density, electrolyte="resolved", **MOMENT)
    ladder = Ladder(p, 20)
    expected, currents = resolved_electrolyte(ladder, density)
    error = abs(d.voltage[0] - expected)
    record_verification(
        f"voltage of a pore with drops of potential and salt at {density:g} A/m2 [V]",
        expected, float(d.voltage[0]), error, order=order,
    )  # fmt: skip
    assert error < 1e-5
    volume = ladder.total * ladder.edge**2 * ladder.step
    assert np.allclose(d.profiles()["reaction"] * volume, currents, rtol=2e-5, atol=0)


def test_what_conducts_well_is_uniform() -> None:
    p = cell(electronic_conductivity=1e14, ionic_conductivity=3e11, salt_diffusivity=2e2)
    image = random_image(1, (6, 7, 8), "20nm")
    options = {"area": "voxel", "capacity": 5.0}
    one = discharge_image(image, p, 1.0, **options)
    two = discharge_image(image, p, 1.0, electrolyte="resolved", electrons="resolved", **options)
    # Carbon that does not reach the current collector reacts in the first only.
    assert two.table["isolated_area"][0] >= one.table["isolated_area"][0]
    image = pore(10)
    one = discharge_image(image, p, 1.0, **options)
    two = discharge_image(image, p, 1.0, electrolyte="resolved", electrons="resolved", **options)
    assert np.allclose(one.voltage, two.voltage, atol=1e-8)


def slit(edge: float) -> twin.Volume:
    """A slit of 160 nm between flat walls of 20 nm, 80 nm long."""
    labels = np.zeros((round(200e-9 / edge), 2, round(80e-9 / edge)), np.uint8)
    wall = round(20e-9 / edge)
    labels[:wall], labels[-wall:] = 1, 1
    return twin.Volume(labels, spacing=edge, phases={"pore": 0, "carbon": 1})


def test_films_on_flat_walls_know_no_voxels(record_verification: Callable[..., None]) -> None:
    """Voxels of 10 and of 5 nm end with the same film, and no voltage dips as they fill."""
    ends = []
    for edge in (10e-9, 5e-9):
        d = discharge_image(slit(edge), Parameters.of("Su2021_ch6"), 1.6e-4)
        assert "cut-off" in d.verdict.reason
        assert (d.final.kind == CLOSED).any()
        assert np.diff(d.voltage).max() < 5e-3
        check_balances(d)
        ends.append(float(d.table["thickness"][-1]))
    error = abs(ends[0] / ends[1] - 1)
    record_verification(
        "film that ends a discharge in a slit, in voxels of 10 and of 5 nm [m]", *ends, error
    )
    assert error < 1e-2


def test_a_pore_closes_at_the_charge_that_fills_it(
    record_verification: Callable[..., None],
) -> None:
    p, length = cell(oxygen_diffusivity=1.0), 4e-7
    d = discharge_image(pore(4, length), p, 1.0, area="voxel")
    expected = length / 9 * p.electrons * FARADAY / p.product_molar_volume
    record_verification(
        "charge at which a pore closes [C/m2]", expected, d.capacity,
        abs(d.capacity / expected - 1),
    )  # fmt: skip
    assert CLOSES * expected * (1 - 1e-4) < d.capacity < expected * (1 + 1e-5)
    assert d.verdict.reason == "no open pore reaches from the separator to the oxygen any more"
    check_balances(d)


def check_balances(d: ImageDischarge, oxygen: float = 2e-4) -> None:
    """Product is charge at every step; oxygen that enters is what reacts."""
    p = d.parameters
    made = d.table["product"] * p.electrons * FARADAY / p.product_molar_volume
    assert np.allclose(made, d.table["charge"], rtol=1e-10, atol=0.0)
    assert abs(d.charge_balance) < 1e-10
    assert np.abs(d.table["oxygen_imbalance"]).max() < oxygen


@pytest.mark.parametrize("film", ["none", "tunnelling"])
def test_a_pore_that_narrows_follows_its_differential_equations(
    film: str, record_verification: Callable[..., None]
) -> None:
    """Voxels fill at rates of their own; halving the steps divides the error by four."""
    p, density, layers, edge, duration = cell(film=film), 0.2, 8, 60e-9, 15_000.0
    image, ladder = pore(layers, edge=edge), Ladder(p, layers, edge=edge)
    reference = ladder.discharge(density, duration)
    errors = []
    for part in (4, 8, 16):
        small = {"filling": 0.04 / part, "film": 1.5e-9 / part}
        stepping = ImageStepping(**small, voxel=1.0, error=1.0, settled=EXACT)
        d = discharge_image(
            image, p, density, area="voxel", capacity=density * duration, stepping=stepping
        )
        check_balances(d)
        errors.append(float(np.abs(d.voltage - reference(d.time)).max()))
    order = math.log2(errors[1] / errors[2])
    record_verification(
        f"voltage of a pore that narrows, film law {film!r} [V]", float(reference(d.time[-1])),
        d.voltage[-1], errors[2], order=order,
    )  # fmt: skip
    assert order == pytest.approx(2.0, abs=0.3)
    assert errors[2] < 1e-5


def test_a_film_passivates_as_tunnelling_says(record_verification: Callable[..., None]) -> None:
    """An even film of l = Q V_m / (n F A): V falls by RT / (alpha F) ln S(l), to the cut-off."""
    p = cell(film="tunnelling", oxygen_diffusivity=1.0)
    edge, density = 1e-6, 0.1
    d = discharge_image(pore(4, 4e-6, edge), p, density, area="voxel")
    ladder = Ladder(p, 4, 4e-6, edge)
    charge = d.table["charge"]
    depth = charge * p.product_molar_volume / (p.electrons * FARADAY * 4 * ladder.wall)
    passes = np.array(
        [0.5 * math.erfc((x - p.tunnelling_thickness) / p.tunnelling_width) for x in depth]
    )
    bare = voltage(p, density, ladder.current(density) / (4 * ladder.wall))
    expected = bare + tafel_slope(p) * np.log(passes)
    error = float(np.abs(d.voltage - expected).max())
    record_verification(
        "voltage under an even film, at the cut-off [V]", expected[-1], d.voltage[-1], error
    )
    assert np.allclose(d.table["thickness"], depth, rtol=1e-10, atol=0)
    assert error < 1e-6
    assert d.voltage[-1] == pytest.approx(p.cut_off_voltage, abs=2e-3)
    assert d.verdict.reason == "the voltage fell to the cut-off of 2 V"
    check_balances(d)


def test_what_was_lost_adds_up_to_the_voltage() -> None:
    """V = E0 + phi at the separator - kinetics of bare carbon under full oxygen - losses."""
    p = cell(film="tunnelling", ionic_conductivity=1e-4, separator_thickness=1e-9,
             electronic_conductivity=1e-3)  # fmt: skip
    d = discharge_image(
        slab(12, 4e-6), p, 0.2, area="voxel", electrolyte="resolved", electrons="resolved"
    )
    wall = EDGE * 4e-6
    relative = p.dissolved_oxygen / p.reference_oxygen
    ideal = voltage(p, 0.2, 0.2 * 2 * EDGE**2 / wall / relative)
    lost = sum(d.table[name] for name in d.table if name.startswith("loss_"))
    assert np.allclose(d.voltage + lost, ideal, atol=1e-9)
    for name in ("oxygen", "film", "electrons", "electrolyte"):
        assert d.table[f"loss_{name}"].max() > 1e-4
    check_balances(d)


def test_at_a_tiny_current_product_is_as_the_area(
    record_verification: Callable[..., None],
) -> None:
    p = cell(oxygen_diffusivity=1.0, film="tunnelling")
    d = discharge_image(random_image(2, (10, 11, 12), "20nm"), p, 1e-6, capacity=10.0)
    sites = d.final.sites
    fed = sites.volume > 0
    thickness = sites.thickness[fed]
    spread = float(np.ptp(thickness) / thickness.mean())
    record_verification("thickness of a film at a tiny current, its spread", 0.0, spread, spread)
    assert fed.mean() > 0.9
    assert spread < 1e-6
    check_balances(d)


def test_particles_keep_the_charge() -> None:
    p = Parameters.of("Su2021_ch6")
    image = random_image(3, (12, 12, 12), "20nm", share=0.8)
    d = discharge_image(image, p, 0.5, growth=Growth(0.8, 1e15))
    assert len(d.time) > 10
    check_balances(d)


def test_a_column_of_fibres_is_the_model_across_the_thickness(
    record_verification: Callable[..., None],
) -> None:
    """Porosity, transport and area of the column in the 1D model: the same discharge.

    What is left is real: films in the column are thicker at some fibres than at others of the same
    depth, by 1.7 nm in the standard deviation at the end, and thick ones stop electrons first; in
    the 1D model they are even. It also lets oxygen and salt accumulate, in a millisecond here.
    """
    column = twin.generate.fibres((12, 12, 120), "10nm", diameter="40nm", porosity=0.8).volume
    p = Parameters.of("Su2021_ch6").replace(
        separator_thickness=1e-9, oxygen_diffusivity=7e-13, ionic_conductivity=1e3,
        salt_diffusivity=1e-5, electronic_conductivity=1e6, cathode_thickness=1.2e-6,
    )  # fmt: skip
    for density in (0.03, 0.3):
        d = discharge_image(column, p, density, carbon="fibre", sides="periodic")
        one = twin.lio2.discharge(d.closure.into(p), current_density=density)
        error = one.capacity / d.capacity - 1
        record_verification(
            f"capacity of a column of fibres at {density:g} A/m2, against the 1D model [C/m2]",
            one.capacity, d.capacity, abs(error),
        )  # fmt: skip
        shares = np.linspace(0.02, 0.95, 50)
        charge = shares * d.capacity
        apart = np.interp(charge, d.charge, d.voltage) - np.interp(charge, one.charge, one.voltage)
        assert 0 < error < 0.03
        assert np.abs(apart[shares < 0.3]).max() < 7e-3
        assert np.abs(apart).max() < 0.05
        if density == 0.3:
            assert d.table["loss_oxygen"].max() > 0.2
        check_balances(d)


#: Filling: D_eff / D, its allowed ratio, coverage where it is known; of a throw-away code that let
#: voxels be open or full, on another draw of fibres of the same radius and porosity.
FILMS = {0.2: (0.456, 1.15, 1.0), 0.4: (0.269, 1.15, 1.0), 0.6: (0.084, 1.5, 1.0),
         0.8: (0.0085, 2.5, 1.0)}  # fmt: skip
PARTICLES = {0.2: (0.450, 1.15, 0.33), 0.4: (0.272, 1.15, 0.52), 0.6: (0.147, 1.15, 0.68),
             0.8: (0.058, 1.3, 0.84)}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("particles", "expected"), [(0, FILMS), (30, PARTICLES)])
def test_transport_falls_as_films_and_particles_fill_fibres(
    particles: int, expected: dict[float, tuple[float, float, float]],
    record_verification: Callable[..., None],
) -> None:  # fmt: skip
    image = twin.generate.fibres(
        (64, 64, 64), "25nm", diameter="200nm", porosity=0.804, seed=1
    ).volume
    p = cell(oxygen_diffusivity=1.0)
    options = {"carbon": "fibre", "measure": 0.1, "stepping": ImageStepping(0.02, voxel=0.5)}
    area = discharge_image(image, p, 1e-3, capacity=1.0, **options).final.carbon_area
    growth = Growth(1.0, particles / area) if particles else Growth()
    room = 0.804 * 64 * 25e-9 * p.electrons * FARADAY / p.product_molar_volume
    d = discharge_image(image, p, 1e-3, growth=growth, capacity=0.81 * room, **options)
    table = d.transport
    what = f"{particles} particles" if particles else "a film"
    for filling, (diffusivity, ratio, coverage) in expected.items():
        found = float(np.interp(filling, table["filling"], table["relative_diffusivity"]))
        record_verification(
            f"D_eff / D of fibres under {what} at a filling of {filling:g}", diffusivity, found,
            abs(found / diffusivity - 1),
        )  # fmt: skip
        assert 1 / ratio < found / diffusivity < ratio
        covered = float(np.interp(filling, table["filling"], table["coverage"]))
        assert covered == pytest.approx(coverage, abs=0.15)
        accessible = float(np.interp(filling, table["filling"], table["accessible"]))
        assert 0.9 < accessible / (1 - filling) < 1.001
    # A film clogs late but hard.
    tortuosity = float(np.interp(0.8, table["filling"], table["tortuosity_factor"]))
    assert (tortuosity > 8) if particles == 0 else (tortuosity < 4)
    check_balances(d)
