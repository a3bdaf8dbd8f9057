"""Densitometry tables of several programs, made by hand after the layouts that their manuals show."""

import random

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from labs.formats.densitometry.bands import BandTable, RatioTable
from labs.formats.densitometry.readers import read_band_table, read_ratio_table
from labs.formats.errors import FormatError
from labs.formats.recognise import Recognised, recognise
from labs.formats.source import Source

IMAGEJ = (
    " ,Label,Area,Mean,Min,Max,IntDen,RawIntDen\n1,blot:1,100,50.5,3,255,5050,5050\n2,blot:2,100,20,3,90,2000,2000\n"
)
GEL_PEAKS = "\tArea\tPercent\n1\t12001.5\t60.1\n2\t7967.2\t39.9\n"
IMAGE_LAB = (
    "Lane And Band Analysis\n"
    "Lane,Band No.,Band Label,Mol. Wt. (KDa),Relative Front,Adj. Volume (Int),Volume (Int),Abs. Quant.,Rel. Quant.,"
    "Band %,Lane %,Lane,Band No.,Band Label,Mol. Wt. (KDa),Relative Front,Adj. Volume (Int),Volume (Int),Abs. Quant.,"
    "Rel. Quant.,Band %,Lane %\n"
    "1,1,FAP,97,0.31,900,1000,N/A,1.0,60,50,2,1,FAP,97,0.31,450,600,N/A,0.5,100,40\n"
    "1,2,ACTB,42,0.66,600,700,N/A,1.0,40,33,,,,,,,,,,,\n"
)
LICOR = (
    "Image Name\tName\tX\tY\tHeight\tWidth\tSignal\tTotal\tArea\tBkgnd.\tMax\tMean\tMedian\tMin\n"
    "0001_01\tU1\t1\t2\t3\t4\t1.25E+04\t1.50E+04\t120\t20.8\t300\t125\t110\t3\n"
    "0001_01\tU2\t1\t2\t3\t4\t-3.10E+02\t2.00E+03\t120\t19.2\t40\t17\t16\t3\n"
)
EUROPEAN = "Lane;Band No;Volume;Area;Background\n1;1;1234,5;100;2,5\n2;1;99,25;100;2,5\n"
RATIOS = "sample\tHA\tTBP\tratio\nT-1\t100\t50\t2\nN-1\t30\t0\t\n"


def bands(text: str) -> BandTable:
    found = read_band_table(Source("blot.csv", text.encode())).document
    assert isinstance(found, BandTable)
    return found


def ratios(text: str) -> RatioTable:
    found = read_ratio_table(Source("ratio.csv", text.encode())).document
    assert isinstance(found, RatioTable)
    return found


def test_imagej_counts_lanes_by_the_running_number() -> None:
    table = bands(IMAGEJ)
    assert [(band.lane, band.label, band.volume, band.greatest) for band in table.bands] == [
        ("1", "blot:1", 5050.0, 255.0),
        ("2", "blot:2", 2000.0, 90.0),
    ]
    assert [band.volume for band in bands(GEL_PEAKS).bands] == [12001.5, 7967.2]


def test_imagej_without_an_integrated_density_gives_area_times_mean() -> None:
    table = bands("lane,area,mean,min,max,blot,antibody\n1,10,20,0,255,1,h3\n1,10,30,0,255,2,h3\n1,10,5,0,9,1,flag\n")
    assert [band.volume for band in table.bands] == [200.0, 300.0, 50.0]
    assert list(table.blots) == ["1", "2"]
    assert table.probes == ("h3", "flag")


def test_image_lab_blocks_stand_side_by_side() -> None:
    table = bands(IMAGE_LAB)
    assert [(band.lane, band.number, band.label, band.adjusted, band.volume) for band in table.bands] == [
        ("1", 1, "FAP", 900.0, 1000.0),
        ("1", 2, "ACTB", 600.0, 700.0),
        ("2", 1, "FAP", 450.0, 600.0),
    ]


def test_a_signal_below_its_background_stays_negative_and_is_said() -> None:
    reading = read_band_table(Source("licor.txt", LICOR.encode()))
    assert [(value["lane"], value["adjusted"], value["volume"]) for value in reading.summary["values"]] == [
        ("U1", 12500.0, 15000.0),
        ("U2", -310.0, 2000.0),
    ]
    assert reading.warnings == ("Row 3, lane U2: the signal is below its background.",)


def test_a_decimal_comma_is_read() -> None:
    assert [(band.volume, band.background) for band in bands(EUROPEAN).bands] == [(1234.5, 2.5), (99.25, 2.5)]


def test_a_ratio_is_ours_and_undefined_without_a_control() -> None:
    table = ratios(RATIOS)
    assert (table.target, table.loading_control) == ("HA", "TBP")
    assert [(row.sample, row.ratio, row.exported) for row in table.rows] == [("T-1", 2.0, 2.0), ("N-1", None, None)]
    assert read_ratio_table(Source("r", RATIOS.encode())).warnings == (
        "Row 3: the loading control is 0, so that there is no ratio.",
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Lane,Band No,Volume\n1,1,much\n", "row 2, column Volume, “much”: This is no number."),
        ("Lane,Band No,Volume\n1,1.5,3\n", "row 2, column Band No, “1.5”: The number of a band is a whole"),
        ("Lane,Band No,Volume\n1,1,3\n1,1,4\n", "row 3, column Lane, “1”: This band of the lane is in row 2 already."),
        ("Lane,Band No,Volume,Volume\n1,1,3,4\n", "row 1, column Volume: The column is there twice."),
        ("Lane,Band No,Volume\n1,1,3,4\n", "row 2: The row has more cells than the header"),
        ("Lane,Band No,Volume\n", "row 1: There is no band below the header."),
        ("sample,HA,TBP,ratio\na,1,2,.5\nb,1,2,.5\nc,,3,\n", "row 4, column HA: Target and loading control both need"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named(text: str, sentence: str) -> None:
    found = recognise("gel.csv", text.encode())
    assert found.reading is None
    assert str(found.error).startswith(f"gel.csv, {sentence}")


def test_a_template_is_said_to_be_one() -> None:
    found = recognise("setup.csv", b"Experiment:,Date(s) (YYYY.MM.DD):,Cells:,Comments:\n")
    assert found.kind == "blot_setup_template"
    assert found.reading is not None
    assert found.reading.would_store is None
    assert found.reading.summary["header"] == ["Experiment:", "Date(s)", "Cells:", "Comments:"]


@seed(1)
@settings(max_examples=150, deadline=None)
@given(st.sampled_from([IMAGEJ, GEL_PEAKS, IMAGE_LAB, LICOR, EUROPEAN, RATIOS]), st.randoms(use_true_random=False))
def test_damaged_bytes_are_read_or_refused_and_nothing_else(text: str, chance: random.Random) -> None:
    data = bytearray(text.encode())
    for _ in range(chance.randint(1, 12)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    data = data[: chance.randint(1, len(data))] if chance.random() < 0.3 else data
    found = recognise("gel.csv", bytes(data))
    assert isinstance(found, Recognised)
    for read in (read_band_table, read_ratio_table):
        try:
            read(Source("gel.csv", bytes(data)))
        except FormatError as error:
            assert error.rule
