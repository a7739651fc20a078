"""What holds for every transmission line: it is passive, and its two rails may be swapped."""

from __future__ import annotations

import hypothesis
import numpy as np
from hypothesis import strategies as st

import twin
from twin.transmission_line import close_with_electronic_resistance, line_impedance

positive = st.floats(1e-6, 1e6)
exponents = st.floats(0.3, 1.0)
frequencies = np.geomspace(1e-8, 1e12, 81)


@st.composite
def walls(draw):
    transfer = draw(st.one_of(st.just(np.inf), st.floats(1e-6, 1e6)))
    return twin.Wall(draw(positive), draw(exponents), transfer)


@hypothesis.given(wall=walls())
def test_a_wall_is_passive(wall):
    y = wall.admittance(frequencies)
    assert (y.real > -1e-12 * np.abs(y)).all()
    assert (y.imag > 0).all()


@hypothesis.given(wall=walls(), ionic=positive, electronic=st.one_of(st.just(0.0), positive))
def test_a_line_is_passive_and_capacitive(wall, ionic, electronic):
    z = line_impedance(ionic, wall.admittance(frequencies), electronic)
    assert (z.real > 0).all()
    assert (z.imag < 1e-14 * np.abs(z)).all()


@hypothesis.given(wall=walls(), ionic=positive, electronic=positive)
def test_rails_may_be_swapped(wall, ionic, electronic):
    y = wall.admittance(frequencies)
    one, other = line_impedance(ionic, y, electronic), line_impedance(electronic, y, ionic)
    assert np.allclose(one, other, rtol=1e-12, atol=0)


@hypothesis.given(wall=walls(), ionic=positive, share=st.floats(0.0, 1.0))
def test_more_resistance_never_lowers_the_response_that_decays(wall, ionic, share):
    """At real and positive s a line is a network of resistors."""
    y = wall.admittance_at(np.geomspace(1e-6, 1e6, 25))
    less, more = (line_impedance(ionic, y, r).real for r in (share * ionic, ionic))
    assert (more >= less * (1 - 1e-12)).all()


@hypothesis.given(wall=walls(), ionic=positive, scale=positive)
def test_resistances_scale_together(wall, ionic, scale):
    y = wall.admittance(frequencies)
    assert np.allclose(
        line_impedance(scale * ionic, y / scale, ionic * scale),
        scale * line_impedance(ionic, y, ionic),
        rtol=1e-12,
        atol=0,
    )


@hypothesis.given(wall=walls(), ratio=positive)
def test_walls_of_more_area_carry_more(wall, ratio):
    assert np.allclose(
        wall.scaled(ratio).admittance(frequencies), ratio * wall.admittance(frequencies), rtol=1e-12
    )


@hypothesis.given(wall=walls(), ionic=positive, electronic=positive, other=positive)
def test_the_closure_adds_the_same_to_every_spectrum(wall, ionic, electronic, other):
    """What is added does not depend on the spectrum, is passive, and is nothing without R_e."""
    y = wall.admittance(frequencies)
    z = line_impedance(other, y)
    added = close_with_electronic_resistance(z, ionic, electronic, y) - z
    expected = line_impedance(ionic, y, electronic) - line_impedance(ionic, y)
    assert np.allclose(added, expected, rtol=1e-9, atol=1e-12 * np.abs(z).max())
    assert (expected.real > -1e-12 * np.abs(z + expected)).all()
    assert (close_with_electronic_resistance(z, ionic, 0.0, y) == z).all()


@hypothesis.given(
    ionic=st.floats(1e-5, 1e-1),
    wall=st.builds(twin.Wall, st.floats(0.1, 1e3), st.floats(0.6, 0.99)),
    series=st.floats(0.0, 0.5),
    cell=st.sampled_from(["electrode", "symmetric"]),
    weighting=st.sampled_from(["modulus", "proportional", 1.0]),
)
@hypothesis.settings(max_examples=10)
def test_a_line_is_found_again(ionic, wall, series, cell, weighting):
    corner = (1 / (ionic * wall.capacitance)) ** (1 / wall.exponent) / (2 * np.pi)
    f = corner * np.geomspace(1e-2, 1e4, 40)
    line = twin.transmission_line(f, ionic, wall, cell=cell, separator_resistance=series * ionic)
    found = twin.fit_transmission_line(line, cell=cell, weighting=weighting)
    assert abs(found.ratio(ionic) - 1) < 1e-5
    assert abs(found.wall.exponent - wall.exponent) < 1e-5
    assert abs(found.series_resistance - series * ionic) < 1e-5 * ionic
