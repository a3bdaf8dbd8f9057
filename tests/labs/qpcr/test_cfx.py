import io
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from labs.formats.cfx import read_cfx
from labs.formats.errors import FormatError
from labs.formats.plate import Content, amplified_controls, replicate_groups, spread_out
from labs.formats.recognise import recognise
from tests.labs.qpcr.plates import HEADER, csv_of, well

ROWS = [
    well("A1", "FAP", "Unkn-01", "007", "24.5"),
    well("A02", "FAP", "Unkn-01", "007", "25.5"),
    well("H12", "FAP", "NTC-01", "", "NaN"),
]
PLAIN = csv_of(ROWS)


def _excel(rows: list[tuple[object, ...]]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "0"
    sheet.append(list(HEADER))
    for row in rows:
        sheet.append([None if cell == "" else cell for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _data_set() -> bytes:
    names = [name.replace(" ", "_x0020_") for name in HEADER[1:8]]
    rows = [dict(zip(names, map(str, row[1:8]), strict=True)) for row in ROWS]
    records = "".join(
        "<_x0030_>" + "".join(f"<{name}>{cell}</{name}>" for name, cell in row.items()) + "</_x0030_>" for row in rows
    )
    return f'<?xml version="1.0" standalone="yes"?><NewDataSet>{records}</NewDataSet>'.encode()


def _decimal_comma() -> bytes:
    return csv_of([[str(cell).replace(".", ",") for cell in row] for row in ROWS], delimiter=";")


def _with_preamble() -> bytes:
    return b"File Name,plate.pcrd\r\nRun Started,2024-05-02 10:11\r\nProtocol File Name,SYBR.prcl\r\n\r\n" + PLAIN


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(PLAIN, id="csv"),
        pytest.param(_decimal_comma(), id="decimal comma"),
        pytest.param(b"\xef\xbb\xbf" + PLAIN, id="utf-8 with a mark"),
        pytest.param(PLAIN.decode().encode("utf-16"), id="utf-16"),
        pytest.param(PLAIN.decode().encode("utf-16-le"), id="utf-16 without a mark"),
        pytest.param(_excel(ROWS), id="xlsx"),
        pytest.param(_data_set(), id="xml"),
        pytest.param(_with_preamble(), id="lines about the run above"),
    ],
)
def test_the_same_plate_in_every_dress(data: bytes) -> None:
    run = read_cfx(data, "plate").run
    assert [(each.position, each.target, each.sample, each.cq) for each in run.wells] == [
        ("A01", "FAP", "007", 24.5),
        ("A02", "FAP", "007", 25.5),
        ("H12", "FAP", "", None),
    ]
    assert [each.content for each in run.wells] == [Content.UNKNOWN, Content.UNKNOWN, Content.NTC]


def test_a_short_variant_by_the_names_of_its_columns() -> None:
    run = read_cfx(csv_of([("B03", "24,5", "T-1")], header=("Well", "C(t)", "Sample"), delimiter=";")).run
    assert [(each.position, each.cq, each.sample) for each in run.wells] == [("B03", 24.5, "T-1")]


def test_what_stands_above_the_header_and_in_the_name() -> None:
    run = read_cfx(_with_preamble(), "sam_2024-12-10_11-47-51_CFX96_FAP.csv").run
    assert (run.instrument, run.protocol, str(run.run_on)) == ("CFX96", "SYBR.prcl", "2024-05-02")
    assert str(read_cfx(PLAIN, "sam_2024-12-10_11-47-51_CFX96_FAP.csv").run.run_on) == "2024-12-10"


@pytest.mark.parametrize("written", ["", "NaN", "0", "N/A", "Undetermined"])
def test_nothing_detected_is_never_a_number(written: str) -> None:
    assert read_cfx(csv_of([well("A01", "FAP", "NTC", "", written)])).run.wells[0].cq is None


@pytest.mark.parametrize(
    ("row", "place"),
    [
        (well("Z01", "FAP", "Unkn", "1", "24"), (2, "Well", "Z01")),
        (well("A25", "FAP", "Unkn", "1", "24"), (2, "Well", "A25")),
        (well("A01", "FAP", "Unkn", "1", "-3"), (2, "Cq", "-3")),
        (well("A01", "FAP", "Unkn", "1", "120"), (2, "Cq", "120")),
        (well("A01", "FAP", "Unkn", "1", "inf"), (2, "Cq", "inf")),
        (well("A01", "FAP", "Unkn", "1", "2_4"), (2, "Cq", "2_4")),
        (well("A01", "FAP", "Unkn", "1", "high"), (2, "Cq", "high")),
    ],
)
def test_a_bad_cell_is_named(row: tuple[object, ...], place: tuple[int, str, str]) -> None:
    with pytest.raises(FormatError) as refused:
        read_cfx(csv_of([row]))
    assert (refused.value.row, refused.value.column, refused.value.value) == place


def test_the_same_well_twice_and_a_row_cut_off_are_refused() -> None:
    with pytest.raises(FormatError, match="in row 2 already"):
        read_cfx(csv_of([ROWS[0], ROWS[0]]))
    with pytest.raises(FormatError, match="cut off"):
        read_cfx(PLAIN + b",A05,SYBR,FAP")


def test_two_targets_in_one_well_are_two_rows() -> None:
    run = read_cfx(csv_of([ROWS[0], well("A01", "ACTB", "Unkn-01", "007", "18")])).run
    assert len(run.wells) == 2


def test_replicates_that_differ_and_controls_that_amplify() -> None:
    rows = [*ROWS[:2], well("H12", "FAP", "NTC-01", "", "38.1")]
    wells = read_cfx(csv_of(rows)).run.wells
    assert [group.positions for group in spread_out(replicate_groups(wells))] == [["A01", "A02"]]
    assert [each.position for each in amplified_controls(wells)] == ["H12"]


@pytest.mark.parametrize("data", [b"", b"\x00\x01\x02", b"PK\x03\x04 no zip", b"<a>", b"\xff\xfe\x00", b"a;b\n1;2\n"])
def test_what_is_no_instrument_file_is_said_and_not_raised(data: bytes) -> None:
    found = recognise("f", data)
    assert found.reading is None
    assert found.error is not None
    assert str(found.error).startswith("f")


BASES = (PLAIN, _excel(ROWS), _data_set(), _decimal_comma())


@seed(7)
@settings(max_examples=150, deadline=None)
@given(
    base=st.sampled_from(BASES),
    changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=8),
    cut=st.floats(0, 1),
)
def test_damaged_bytes_raise_nothing_but_the_error_of_the_reader(
    base: bytes, changes: list[tuple[float, int]], cut: float
) -> None:
    damaged = bytearray(base)
    for place, byte in changes:
        damaged[int(place * len(damaged))] = byte
    data = bytes(damaged[: max(1, int(len(damaged) * cut))])
    found = recognise("damaged", data)
    assert (found.reading is None) == (found.error is not None)


def test_every_export_of_the_data_folder_agrees_with_its_own_statistics(
    hepatica_data: Path, compared: Callable[[int], None]
) -> None:
    files = sorted((hepatica_data / "qpcr_cfx96").glob("*.csv"))
    assert files
    values = 0
    for path in files:
        found = recognise(path.name, path.read_bytes())
        assert found.reading is not None, found.error
        for name in ("exported_mean_max_abs_diff", "exported_sd_max_abs_diff"):
            assert found.reading.summary[name] < 1e-6, path.name
        values += found.reading.summary["rows"]
    compared(values)


def test_curves_of_the_data_folder_are_refused_with_a_sentence(hepatica_data: Path) -> None:
    files = sorted((hepatica_data / "qpcr_cfx96" / "amplification_examples").glob("*.csv"))
    assert files
    for path in files:
        found = recognise(path.name, path.read_bytes())
        assert found.kind == "fluorescence_table"
        assert found.reading is not None
        assert found.reading.would_store is None
        assert "curves of fluorescence" in found.reading.why_not[0]
