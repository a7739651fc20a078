"""Spectra as instruments and people write them, and files that are none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import twin

F = [1000.0, 10.0, 0.5]
Z = [20 - 3j, 25.5 - 30j, 41 - 500j]

BIOLOGIC = (
    "EC-Lab ASCII FILE\nNb header lines : 5\n\nElectrode surface area : 1.540 cm²\n"
    "freq/Hz\tRe(Z)/Ohm\t-Im(Z)/Ohm\t|Z|/Ohm\tPhase(Z)/deg\ttime/s\n"
    "1,0000E+003\t2,0000E+001\t3,0000E+000\t2,0224E+001\t-8,53\t1,0\n"
    "1.0000E+001\t2.5500E+001\t3.0000E+001\t3.9373E+001\t-49.6\t2.0\n"
    "5.0000E-001\t4.1000E+001\t5.0000E+002\t5.0168E+002\t-85.3\t3.0\n"
)
GAMRY = (
    "EXPLAIN\nTAG\tEISPOT\nTITLE\tLABEL\tPotentiostatic EIS\tTest &Identifier\n"
    "FREQINIT\tQUANT\t1.00000E+005\tInitial Fre&q. (Hz)\nZCURVE\tTABLE\n"
    "\tPt\tTime\tFreq\tZreal\tZimag\tZsig\tZmod\tZphz\tIdc\tVdc\tIERange\n"
    "\t#\ts\tHz\tohm\tohm\tV\tohm\t°\tA\tV\t#\n"
    "\t0\t3\t1000\t20\t-3\t1\t20.2\t-8.5\t0\t0\t12\n"
    "\t1\t4\t10\t25.5\t-30\t1\t39.4\t-49.6\t0\t0\t12\n"
    "\t2\t9\t0.5\t41\t-500\t1\t501.7\t-85.3\t0\t0\t12\n"
)
AUTOLAB = (
    "Index;Frequency (Hz);Z' (Ω);-Z'' (Ω);Z (Ω);-Phase (°);Time (s)\n"
    "1;1000;20;3;20,22;8,53;1\n2;10;25,5;30;39,37;49,6;2\n3;0,5;41;500;501,7;85,3;3\n"
)
ZVIEW = (
    '"ZPLOT2 ASCII" \nData\n  Freq(Hz)      Ampl   Bias  Time(Sec)   '
    "Z'(a)    Z''(b)   GD\nEnd Comments\n"
    "1000 0 0 1 20 -3 0\n10 0 0 2 25.5 -30 0\n0.5 0 0 3 41 -500 0\n"
)
CH = "Freq/Hz, Z'/ohm, Z\"/ohm, Z/ohm, Phase/deg\n\n1000, 20, -3, 20.2, -8.5\n"
CH += "10, 25.5, -30, 39.4, -49.6\n0.5, 41, -500, 501.7, -85.3\n"
PLAIN = "1000,20,-3\n10,25.5,-30\n0.5,41,-500\n"
PALMSENS = "freq / Hz;neg. Phase / °;Idc / uA;Z / Ohm;Z' / Ohm;-Z'' / Ohm\n"
PALMSENS += "1000;8.5;0;20.2;20;3\n10;49.6;0;39.4;25.5;30\n0.5;85.3;0;501.7;41;500\n"
EXCEL = "f [kHz],Re Z [mOhm],- Im Z [mOhm],remark\n1,20000,3000,a\n0.01,25500,30000,b\n"
EXCEL += "0.0005,41000,500000,c\n"
ENDED = PLAIN.replace("1000", "Frequency,Real,Imaginary\n1000", 1) + "\nend of the measurement\n"

Z60W = (
    '"Z60W Data File: Version 1.1"\n""\n0,2,0,1,0.1,10000\n3\n'
    "\"  Freq (Hz)    Ampl     Bias   Time(Sec)   Z'(a)    Z''(b)    GD   Err   Range\"\n"
    "1000,0,0,0,20,-3,0,0,0\n10,0,0,0,25.5,-30,0,0,0\n0.5,0,0,0,41,-500,0,0,0\n"
)
PARSTAT = (
    "Potential (V)\tCurrent (A)\tFrequency (Hz)\tZre (ohms)\tZim (ohms)\t|Vac| (V)\t\n"
    "3.49\t-0.15\t0\t0\t0\t0\t\n3.49\t0\t1000\t20\t-3\t0.01\t\n"
    "3.49\t0\t10\t25.5\t-30\t0.01\t\n3.49\t0\t0\t0\t0\t0\t\n3.49\t0\t0.5\t41\t-500\t0.01\t\n"
)
VERSASTUDIO = (
    "<Segment1>\nType=2\nDefinition=Segment #, Point #, Frequency(Hz), E Real, Z Real, Z Imag, 0\n"
    "0,0,1000,-0.003,20,-3,0\n0,1,10,-0.02,25.5,-30,0\n0,2,0.5,0.01,41,-500,0\n</Segment1>\n"
    "\n<Graph1>\nXAxisName=Frequency (Hz)\nYAxisName=|Z| (ohms)\n</Graph1>\n"
)
POWERSUITE = "Frequency\t Zre\t Zimg\n" + PLAIN.replace(",", "\t ")
ABORTED = GAMRY + (
    "EXPERIMENTABORTED\tTOGGLE\tT\tExperiment Aborted\nFRACURVE\tTABLE\t2\n"
    "\tPt\tT\tV\tI\tOlCtrl\tOverload\n\t#\tS\tV\tA\tbits\tbits\n"
    "\t0\t2.0E+001\t2.9E-004\t6.7E-008\t......\t...........\n"
)

FILES = {
    "z60w.txt": Z60W, "parstat.txt": PARSTAT, "versastudio.par": VERSASTUDIO,
    "powersuite.txt": POWERSUITE, "aborted.DTA": ABORTED,
    "biologic.mpt": BIOLOGIC, "gamry.DTA": GAMRY, "autolab.csv": AUTOLAB, "zview.z": ZVIEW,
    "ch.txt": CH, "plain.csv": PLAIN, "palmsens.csv": PALMSENS, "excel.csv": EXCEL,
    "ended.csv": ENDED, "blanks.txt": PLAIN.replace(",", "   "),
    "comment.txt": "# f, Z', Z''\n" + PLAIN.replace(",", "\t"),
}  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("name", FILES)
def test_files_of_instruments(name, encoding, tmp_path):
    path = tmp_path / name
    path.write_text(FILES[name], encoding=encoding)
    s = twin.read_spectrum(path)
    assert s.frequency == pytest.approx(F)
    assert s.impedance == pytest.approx(Z)
    assert (s.unit, s.area, s.measured, s.label) == ("Ohm", None, True, path.stem)


@pytest.mark.parametrize("name", ["biologic.mpt", "gamry.DTA"])
def test_files_of_older_instruments(name, tmp_path):
    path = tmp_path / name
    path.write_bytes(FILES[name].encode("latin-1"))
    assert twin.read_spectrum(path).impedance == pytest.approx(Z)


def test_an_area_makes_ohm_m2(tmp_path):
    path = tmp_path / "cell.csv"
    path.write_text(PLAIN)
    s = twin.read_spectrum(str(path), area=2e-4, label="cell 7")
    assert s.impedance == pytest.approx(np.array(Z) * 2e-4)
    assert s.ohm == pytest.approx(Z)
    assert (s.unit, s.area, s.label) == ("Ohm m2", 2e-4, "cell 7")


@pytest.mark.parametrize(
    ("unit", "factor"),
    [("Ohm cm2", 1e-4), ("Ohm*cm^2", 1e-4), ("Ω·cm²", 1e-4), ("Ohm m2", 1.0), ("kOhm.cm2", 0.1)],
)
def test_impedances_per_area_are_known_by_their_unit(unit, factor, tmp_path):
    path = tmp_path / "cell.csv"
    path.write_text(f"frequency (Hz)\tZre ({unit})\t-Zim ({unit})\n10\t2\t3\n", encoding="utf-8")
    s = twin.read_spectrum(path, area=2e-4)
    assert s.impedance == pytest.approx([factor * (2 - 3j)])
    assert s.unit == "Ohm m2"
    assert s.ohm == pytest.approx([factor * (2 - 3j) / 2e-4])


@pytest.mark.parametrize(
    ("head", "row"),
    [
        ("freq,|Z|,phase", "10,5,-53.13010235"),
        ("Frequency/Hz,Zmod/Ohm,Zphz/deg", "10,5,-53.13010235"),
        ("Frequency/Hz,Z/kOhm,-Phase (°)", "10,0.005,53.13010235"),
        ("f,modulus,theta (rad)", "10,5,-0.927295218"),
        ("f,modulus,neg. phase [rad]", "10,5,0.927295218"),
    ],
)
def test_magnitude_and_phase(head, row, tmp_path):
    path = tmp_path / "cell.csv"
    path.write_text(f"{head}\n{row}\n", encoding="utf-8")
    assert twin.read_spectrum(path).impedance == pytest.approx([3 - 4j])


def test_real_and_imaginary_parts_come_before_magnitude_and_phase(tmp_path):
    path = tmp_path / "cell.csv"
    path.write_text("|Z|,phase,f,Re,Im\n99,99,10,3,-4\n")
    assert twin.read_spectrum(path).impedance == pytest.approx([3 - 4j])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "begins with ''"),
        ("time,voltage\n1,2\n", "begins with 'time,voltage'"),
        ("freq,Re(Z)\n1,2\n", "cell.csv has frequency and real only"),
        ("freq,Re(Z),phase\n1,2,3\n", "has frequency and phase, real only"),
        ("Re(Z),-Im(Z)\n1,2\n", "a spectrum needs a column of frequencies and columns of Re(Z)"),
        ("freq,Re,Im\n", "has no numbers below the names of its columns"),
        ("freq,Re,Im\n1,2,-3\n2,x,-3\n3,4,-5\n", "line 3 of"),
        ("freq,Re,Im\n1,2,-3\n2,nan,-3\n", "line 3 of"),
        ("freq,Re,Im\n1,2,-3\n2,5\n3,4,-5\n", "lacks a number for frequency or impedance"),
        ("freq,Re,Im\n0,2,-3\n", "has the frequency 0 Hz; frequencies are positive"),
        ("freq,Re,Im\n-5,2,-3\n", "has the frequency -5 Hz"),
        ("1,2,-3\n0,2,-3\n", "has the frequency 0 Hz"),
        ("1,2,-3\n2,nan,-3\n", "has an impedance that is not a number; take the row out"),
        ("1,2,3\n2,2,4\n", "write 'freq,Re(Z),-Im(Z)' above them if that is what they are"),
        ("f,Re [Ohm cm2],Im [Ohm]\n1,2,-3\n", "Re(Z) and Im(Z) in different units"),
    ],
)
def test_files_that_are_no_spectra(text, sentence, tmp_path):
    path = tmp_path / "cell.csv"
    path.write_text(text)
    with pytest.raises(twin.InputError) as refused:
        twin.read_spectrum(path)
    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(
        twin.InputError, match=r"cannot read .*none\.csv: no such file or directory"
    ):
        twin.read_spectrum(tmp_path / "none.csv")


def test_a_file_that_is_no_text(tmp_path):
    path = Path(tmp_path / "cell.xls")
    path.write_bytes(b"\xd0\xcf\x11\xe0\0\0")
    with pytest.raises(
        twin.InputError, match="is no text file; export the spectrum as text or CSV"
    ):
        twin.read_spectrum(path)
