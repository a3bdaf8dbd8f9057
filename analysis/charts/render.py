"""A stored specification as a file: SVG, PNG or PDF in paper colours; caption, marks and provenance are burned in."""

import textwrap
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET  # reads only what vl-convert has just written

import vl_convert

from analysis.charts.pdf_metadata import with_metadata
from analysis.charts.png_metadata import with_text
from analysis.charts.stamp import PROVENANCE, Stamp, fields, rdf
from analysis.charts.themes import FONT, PAPER, theme

__all__ = ["PROVENANCE", "SVG", "Stamp", "pdf", "png", "svg"]

SVG = "http://www.w3.org/2000/svg"
LINE, BAND = 15, 26  # px: a caption line, a band with marks
CHARACTER = 5.6  # px: mean width at the caption's size

ET.register_namespace("", SVG)
ET.register_namespace("xlink", "http://www.w3.org/1999/xlink")


def svg(spec: dict[str, Any], stamp: Stamp) -> bytes:
    return stamped(drawn(spec), str(spec.get("description", "")), stamp)


def drawn(spec: dict[str, Any]) -> str:
    """The figure alone; drawing is what takes time."""
    return str(vl_convert.vegalite_to_svg(spec, config=theme(PAPER)))


def stamped(figure: str, description: str, stamp: Stamp, *, captioned: bool = True) -> bytes:
    """A drawn figure with its provenance; not `captioned` where the document has the caption beside it."""
    root = ET.fromstring(figure)  # noqa: S314  # see the import
    width, height = float(root.get("width", "0")), float(root.get("height", "0"))
    lines = _caption_lines(stamp, width) if captioned else []
    top = BAND if stamp.marks else 0
    bottom = LINE * len(lines) + 10 if captioned else 0
    _resize(root, width, height, top=top, bottom=bottom)
    titled = stamp if stamp.title else replace(stamp, title=description)
    root[:0] = [_title(description), _metadata(titled), _ground(width, top + height + bottom, top)]
    if stamp.marks:
        root.extend(_mark_band(stamp, width, top))
    root.append(_caption(lines, height))
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def png(spec: dict[str, Any], stamp: Stamp, *, scale: float = 2) -> bytes:
    return with_text(bytes(vl_convert.svg_to_png(svg(spec, stamp).decode(), scale=scale)), _titled(spec, stamp))


def pdf(spec: dict[str, Any], stamp: Stamp) -> bytes:
    return with_metadata(bytes(vl_convert.svg_to_pdf(svg(spec, stamp).decode())), _titled(spec, stamp))


def _titled(spec: dict[str, Any], stamp: Stamp) -> Stamp:
    """Without a title of its own, a figure is called what it is described as."""
    return stamp if stamp.title else replace(stamp, title=str(spec.get("description", "")))


def _caption_lines(stamp: Stamp, width: float) -> list[str]:
    text = f"{stamp.caption} {stamp.origin}".strip()
    return textwrap.wrap(text, max(40, int((width - 16) / CHARACTER)))


def _resize(root: ET.Element, width: float, height: float, *, top: float, bottom: float) -> None:
    total = top + height + bottom
    root.set("height", f"{total:g}")
    root.set("viewBox", f"0 {-top:g} {width:g} {total:g}")


def _element(tag: str, text: str = "", **attributes: object) -> ET.Element:
    names = {name.replace("_", "-"): str(value) for name, value in attributes.items()}
    element = ET.Element(f"{{{SVG}}}{tag}", names)
    element.text = text
    return element


def _title(description: str) -> ET.Element:
    return _element("title", description)


def _metadata(stamp: Stamp) -> ET.Element:
    metadata = _element("metadata")
    metadata.append(rdf(stamp))
    ET.SubElement(metadata, f"{{{PROVENANCE}}}provenance", fields(stamp))
    return metadata


def _ground(width: float, height: float, top: float) -> ET.Element:
    return _element("rect", x=0, y=-top, width=f"{width:g}", height=f"{height:g}", fill=PAPER.surface)


def _mark_band(stamp: Stamp, width: float, top: float) -> list[ET.Element]:
    box = _element(
        "rect",
        x=8,
        y=6 - top,
        width=f"{width - 16:g}",
        height=18,
        rx=3,
        fill="none",
        stroke=PAPER.text,
        stroke_dasharray="4 3",
    )
    words = _element(
        "text", " · ".join(stamp.marks).upper(), x=f"{width / 2:g}", y=19 - top, text_anchor="middle", fill=PAPER.text,
        font_family=FONT, font_size=11, font_weight=700, letter_spacing=1,
    )  # fmt: skip
    return [box, words]


def _caption(lines: list[str], height: float) -> ET.Element:
    group = _element("g", font_family=FONT, font_size=10.5, fill=PAPER.muted)
    for number, line in enumerate(lines, start=1):
        group.append(_element("text", line, x=8, y=f"{height + LINE * number:g}"))
    return group
