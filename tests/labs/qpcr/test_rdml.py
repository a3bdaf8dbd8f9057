import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from labs.formats.errors import FormatError
from labs.formats.plate import Content
from labs.formats.rdml import read_rdml
from labs.formats.recognise import recognise


def document(version: str = "1.2", cq: str = "24.5", namespace: str = ' xmlns="http://www.rdml.org"') -> bytes:
    return f"""<?xml version="1.0"?>
<rdml version="{version}"{namespace}>
  <sample id="T-1"><type>unkn</type></sample><sample id="water"><type>ntc</type></sample>
  <target id="FAP"><type>toi</type></target>
  <experiment id="e"><run id="r"><instrument>CFX96</instrument>
    <pcrFormat><rows>8</rows><columns>12</columns></pcrFormat><runDate>2024-05-02T10:00:00</runDate>
    <react id="1"><sample id="T-1"/><data><tar id="FAP"/><cq>{cq}</cq></data></react>
    <react id="13"><sample id="T-1"/><data><tar id="FAP"/><cq>-1</cq></data></react>
    <react id="96"><sample id="water"/><data><tar id="FAP"/><cq>39.5</cq><excl>drop</excl></data></react>
  </run></experiment>
</rdml>""".encode()


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2", "1.3", "1.4"])
@pytest.mark.parametrize("namespace", ["", ' xmlns="http://www.rdml.org"', ' xmlns="http://other.example/rdml"'])
def test_runs_wells_and_what_was_left_out(version: str, namespace: str) -> None:
    data = zipped(**{"manifest.xml": b"<manifest/>", "whatever.xml": document(version, namespace=namespace)})
    found = read_rdml(data)
    assert (found.version, found.entry, found.entries) == (version, "whatever.xml", 2)
    plate = found.runs[0].plate
    assert [(well.position, well.cq, well.content) for well in plate.wells] == [
        ("A01", 24.5, Content.UNKNOWN),
        ("B01", None, Content.UNKNOWN),
        ("H12", 39.5, Content.NTC),
    ]
    assert [well.is_excluded for well in plate.wells] == [False, False, True]
    assert (plate.instrument, str(plate.run_on)) == ("CFX96", "2024-05-02")


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (zipped(**{"a.xml": document("2.0")}), "“2.0”: RDML 1.0"),
        (zipped(**{"a.xml": document(cq="high")}), "row 1, column cq, “high”"),
        (zipped(**{"a.xml": document(cq="400")}), "between 0 and 100"),
        (zipped(**{"a.xml": document(), "b.xml": document()}), "Several files"),
        (zipped(**{"a.txt": b"nothing"}), "No file in the archive is RDML"),
        (document().replace(b"</rdml>", b""), "damaged"),
        (b'<!DOCTYPE rdml [<!ENTITY a "b">]>' + document()[21:], "document type"),
    ],
)
def test_what_cannot_be_read_is_said(data: bytes, rule: str) -> None:
    with pytest.raises(FormatError) as refused:
        read_rdml(data)
    assert rule in str(refused.value)


def test_a_bomb_is_not_opened() -> None:
    with pytest.raises(FormatError, match="far more than such a file holds"):
        read_rdml(zipped(**{"a.xml": b"<rdml>" + b" " * 40_000_000}))


def test_a_run_of_curves_is_not_stored_and_says_so() -> None:
    found = recognise("m.rdml", zipped(**{"a.xml": document(cq="0").replace(b"39.5", b"NaN")}))
    assert found.reading is not None
    assert found.reading.document is None
    assert "Run r holds no Cq" in found.reading.why_not[0]


BASE = zipped(**{"a.xml": document()})


@seed(8)
@settings(max_examples=150, deadline=None)
@given(
    base=st.sampled_from([BASE, document()]),
    changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=6),
    cut=st.floats(0.2, 1),
)
def test_damaged_bytes_raise_nothing_but_the_error_of_the_reader(
    base: bytes, changes: list[tuple[float, int]], cut: float
) -> None:
    damaged = bytearray(base)
    for place, byte in changes:
        damaged[int(place * len(damaged))] = byte
    data = bytes(damaged[: int(len(damaged) * cut)])
    found = recognise("damaged.rdml", data)
    assert (found.reading is None) == (found.error is not None)
    try:
        read_rdml(data)
    except FormatError:
        return


def test_every_file_of_the_data_folder_is_read(hepatica_data: Path, compared: Callable[[int], None]) -> None:
    files = sorted((hepatica_data / "qpcr_rdml").glob("*.rdml"))
    assert files
    for path in files:
        found = read_rdml(path.read_bytes())
        assert found.runs
        assert all(run.plate.wells for run in found.runs)
    compared(len(files))
