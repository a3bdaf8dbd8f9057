"""QuPath tables of each level, and tables of regions."""

import random

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from labs.formats.errors import FormatError
from labs.formats.qupath import QuPathTable, read_qupath, read_qupath_table
from labs.formats.recognise import recognise
from labs.formats.source import Source

ANNOTATIONS = (
    "Image\tName\tClass\tROI\tNum Detections\tNum Negative\tNum Positive\tPositive %\t"
    "Num Positive per mm^2\tArea µm^2\n"
    "T-1_CD8.svs\tA\tTumor\tPolygon\t1000\t900\t100\t10\t50\t2000000\n"
    "T-2_CD8.svs\tB\tTumor\tPolygon\t10\t10\t0\t\t0\t1000000\n"
)
PIXELS = ANNOTATIONS.replace("Area µm^2", "Area px^2")
CORES = (
    "Image\tName\tMissing\tNum Detections\tNum Negative\tPositive %\n"
    "t.svs\tA-1\tFalse\t4\t3\t25\nt.svs\tA-2\tTrue\t\t\t\n"
)
REGIONS = "Slide,Region,Count,Positive,Ratio\n1,edge,10,4,0.4\n1,core,0,0,0\n2,edge,20,5,25\n"


def table(text: str) -> QuPathTable:
    return read_qupath(Source("m.tsv", text.encode()))


def test_an_annotation_gives_percentage_and_density() -> None:
    found = table(ANNOTATIONS)
    assert found.level == "annotation"
    assert found.is_density_allowed
    first, second = found.rows
    assert (first.positive_percent, first.density, first.problems) == (10.0, 50.0, ())
    assert (second.positive_percent, second.get("Positive %"), second.problems) == (0.0, None, ())


def test_pixels_give_no_density() -> None:
    found = table(PIXELS)
    assert not found.is_density_allowed
    assert found.rows[0].density is None
    assert "There is no area in µm²" in read_qupath_table(Source("m.tsv", PIXELS.encode())).warnings[-1]


@pytest.mark.parametrize("area", ["Area \u03bcm^2", "Area um^2", "Area Âµm^2", "Area µm²"])
def test_the_unit_of_the_area_is_known_in_every_spelling(area: str) -> None:
    assert table(ANNOTATIONS.replace("Area µm^2", area)).is_density_allowed


def test_a_missing_core_has_no_numbers() -> None:
    present, absent = table(CORES).rows
    assert (present.positive, present.positive_percent) == (1.0, 25.0)
    assert (absent.is_missing, absent.positive, absent.positive_percent) == (True, None, None)


def test_numbers_that_contradict_each_other_are_said() -> None:
    found = table(ANNOTATIONS.replace("\t100\t10\t50\t", "\t100\t12\t51\t").replace("\t1000\t900\t", "\t1001\t900\t"))
    assert len(found.rows[0].problems) == 3
    assert found.rows[1].problems == ()


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("\t100\t10\t", "\t100\t110\t", "row 2, column Positive %, “110”: A percentage lies between 0 and 100."),
        ("\t900\t", "\t-1\t", "row 2, column Num Negative, “-1”: A count is a whole number from 0."),
        ("\t900\t", "\tmany\t", "row 2, column Num Negative, “many”: This is no number."),
        ("T-2_CD8.svs", "", "row 3, column Image: The row names no image."),
        ("Class", "Name", "row 1, column Name: The column is there twice."),
    ],
)
def test_what_cannot_be_read_is_named(old: str, new: str, sentence: str) -> None:
    error = recognise("m.tsv", ANNOTATIONS.replace(old, new, 1).encode()).error
    assert str(error) == f"m.tsv, {sentence}"


def test_an_h_score_above_300_is_refused() -> None:
    with pytest.raises(FormatError, match="between 0 and 300"):
        table("Image\tName\tH-score\na.svs\tx\t301\n")


def test_a_region_without_cells_has_no_ratio() -> None:
    found = recognise("regions.csv", REGIONS.encode())
    assert found.kind == "region_table"
    assert found.reading is not None
    summary = found.reading.summary
    assert [row["ratio"] for row in summary["values"]] == [0.4, None, 0.25]
    assert (summary["slides"], summary["regions"], summary["rows_with_count_0"]) == (2, 2, 1)
    assert summary["exported_ratio_max_abs_diff"] == 0


@seed(1)
@settings(max_examples=150, deadline=None)
@given(st.sampled_from([ANNOTATIONS, PIXELS, CORES, REGIONS]), st.randoms(use_true_random=False))
def test_damaged_bytes_are_read_or_refused_and_nothing_else(text: str, chance: random.Random) -> None:
    data = bytearray(text.encode())
    for _ in range(chance.randint(1, 12)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    recognise("m.tsv", bytes(data))
    try:
        read_qupath_table(Source("m.tsv", bytes(data)))
    except FormatError as error:
        assert error.rule
