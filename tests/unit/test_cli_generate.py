"""`twin generate` writes the image that the function makes, and one sentence when it cannot."""

from __future__ import annotations

import json

import pytest

import twin
from twin.cli import main


def test_it_writes_what_the_function_makes(tmp_path, capsys):
    image, numbers, picture = (tmp_path / name for name in ("e.tif", "e.json", "e.png"))
    code = main(
        ["generate", "electrode", "-o", str(image), "--shape", "40,36,32", "--spacing",
         "300nm,400nm,500nm", "--d50", "4um", "--no-periodic", "--seed", "5", "--json",
         str(numbers), "--plot", str(picture)]
    )  # fmt: skip
    made = twin.generate.particle_electrode(
        (40, 36, 32), (3e-7, 4e-7, 5e-7), d50=4e-6, periodic=False, seed=5
    )
    assert code == 0
    again = twin.read(image)
    assert (again.labels == made.volume.labels).all()
    assert again.spacing == pytest.approx(made.volume.spacing)
    assert json.loads(numbers.read_text())["achieved"] == dict(made.achieved)
    assert picture.stat().st_size > 10_000
    assert "target  achieved" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "function"),
    [
        ("spheres --fraction 0.3 --diameter 8um --no-overlap",
         lambda how: twin.generate.spheres(**how, fraction=0.3, diameter=8e-6, overlap=False)),
        ("fibres --porosity 0.7 --diameter 5um --orientation xy --scatter 5 --no-exact",
         lambda how: twin.generate.fibres(
             **how, porosity=0.7, diameter=5e-6, orientation="xy", scatter=5, exact=False)),
        ("agglomerates --carbon-fraction 0.3 --diameter 6um --agglomerate 15um",
         lambda how: twin.generate.agglomerates(
             **how, carbon_fraction=0.3, diameter=6e-6, agglomerate=15e-6)),
    ],
    ids=lambda value: value.split()[0] if isinstance(value, str) else "",
)  # fmt: skip
def test_each_kind_has_the_arguments_of_its_function(words, function, tmp_path):
    image = tmp_path / "a.tif"
    how = ["--shape", "30,28,26", "--spacing", "1um", "-o", str(image)]
    assert main(["generate", *words.split(), *how]) == 0
    expected = function({"shape": (30, 28, 26), "spacing": 1e-6}).volume
    assert (twin.read(image).labels == expected.labels).all()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("generate", "the following arguments are required: kind"),
        ("generate spheres -o a.tif", "--shape, --spacing, --diameter, --fraction"),
        ("generate electrode -o a.png", "images are written as .tif files"),
        ("generate electrode -o a.tif --d50 4", "has no unit"),
        ("generate electrode -o a.tif --active-fraction 0.99", "add up to less than 1"),
        ("generate electrode -o a.tif --binder paint", "invalid choice: 'paint'"),
    ],
)
def test_wrong_usage_is_one_sentence(words, sentence, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(words.split()) == 2
    assert sentence in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_tiff_holds_labels_of_two_bytes_and_says_where_it_cannot(tmp_path):
    small = twin.Volume([[[0, 300]], [[2, 1]]], (1e-6, 2e-6, 3e-6))
    again = twin.read(twin.write_tiff(small, tmp_path / "a.tif"))
    assert again.labels.tolist() == [[[0, 300]], [[2, 1]]]
    assert again.spacing == pytest.approx((1e-6, 2e-6, 3e-6))
    bare = twin.read(twin.write_tiff(twin.Volume([[[0, 3]], [[2, 1]]]), tmp_path / "b.tif"))
    assert not bare.spacing_known
    with pytest.raises(twin.InputError, match="labels up to 65535, found 70000"):
        twin.write_tiff(twin.Volume([[[0, 70000]]]), tmp_path / "c.tif")
