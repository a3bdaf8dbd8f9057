from xml.etree import ElementTree as ET

import pytest

from analysis.charts import histogram, render

SPEC = histogram.chart([1, 2, 2, 3], label="S100A11 score", unit="", cutoff=2)
STAMP = render.Stamp(
    "R-0412", "9f2c4b7a11d03e88", "n 103, events 68. Left out: 3 <no read> & 1 withdrawn.", ("Exploratory cutoff",)
)


def _root(stamp: render.Stamp) -> ET.Element:
    return ET.fromstring(render.svg(SPEC, stamp))  # noqa: S314  # our own picture


def _texts(root: ET.Element) -> str:
    return " ".join("".join(element.itertext()) for element in root.iter(f"{{{render.SVG}}}text"))


def test_the_caption_is_burned_in_with_run_and_data() -> None:
    drawn = _texts(_root(STAMP))
    assert "Left out: 3 <no read> & 1 withdrawn." in drawn
    assert "Run R-0412" in drawn
    assert "9f2c4b7a11d0" in drawn


def test_marks_are_burned_in_and_only_where_they_apply() -> None:
    assert "EXPLORATORY CUTOFF" in _texts(_root(STAMP))
    assert "EXPLORATORY" not in _texts(_root(render.Stamp("R-1", "abc", "n 1.")))


def test_the_metadata_names_run_data_and_marks() -> None:
    provenance = _root(STAMP).find(f"{{{render.SVG}}}metadata/{{{render.PROVENANCE}}}provenance")
    assert provenance is not None
    assert provenance.attrib == {"run": "R-0412", "data": "9f2c4b7a11d03e88", "marks": "Exploratory cutoff"}


def test_the_figure_has_a_title_for_screen_readers() -> None:
    assert _root(STAMP).findtext(f"{{{render.SVG}}}title") == SPEC["description"]


def test_a_long_caption_is_wrapped_into_the_width() -> None:
    stamp = render.Stamp("R-1", "abc", "Left out for lack of follow-up. " * 20)
    root = _root(stamp)
    lines = [text for text in root.iter(f"{{{render.SVG}}}text") if "Left out" in (text.text or "")]
    assert len(lines) > 3
    assert max(float(line.get("y", "0")) for line in lines) < float(root.get("height", "0"))


@pytest.mark.parametrize(("draw", "magic"), [(render.png, b"\x89PNG"), (render.pdf, b"%PDF")])
def test_the_same_figure_comes_as_png_and_pdf(draw: type, magic: bytes) -> None:
    assert draw(SPEC, STAMP).startswith(magic)


def test_the_same_specification_gives_the_same_bytes() -> None:
    assert render.svg(SPEC, STAMP) == render.svg(SPEC, STAMP)
