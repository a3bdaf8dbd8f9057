"""Figures of a report: drawn by the worker that makes it, each specification once, and shown from what was kept."""

import zlib
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any
from xml.etree import ElementTree as ET  # reads only what the drawing library has written

from analysis.canonical import canonical_json, sha256
from analysis.charts import render
from analysis.kinds.base import Figure
from analysis.reports.blocks import Block
from analysis.reports.documents import StoredFigure

LIBRARY = f"vl-convert {version('vl-convert-python')}"


class Drawing:
    """The figures of one report. What a former report drew is taken from there."""

    def __init__(self) -> None:
        # fingerprint → SVG, of those that are not kept yet
        self.new: dict[str, str] = {}

    def figure(self, figure: Figure, *, title: str, caption: str, stamp: render.Stamp) -> Block:
        fingerprint = sha256(f"{LIBRARY}\n{canonical_json(figure.spec)}".encode())
        width, height = _size(self._drawn(fingerprint, figure.spec))
        return {
            "title": title,
            "caption": caption,
            "alt": str(figure.spec.get("description", title)),
            "drawn": fingerprint,
            "run": stamp.run_id,
            "data": stamp.data_hash,
            "marks": list(stamp.marks),
            "width": width,
            "height": height,
        }

    def _drawn(self, fingerprint: str, spec: dict[str, Any]) -> str:
        if fingerprint in self.new:
            return self.new[fingerprint]
        kept = StoredFigure.objects.filter(pk=fingerprint).first()
        if kept:
            return kept.content.decode()
        self.new[fingerprint] = render.drawn(spec)
        return self.new[fingerprint]

    def rows(self) -> list[StoredFigure]:
        return [StoredFigure(fingerprint=key, packed=zlib.compress(svg.encode())) for key, svg in self.new.items()]


def _size(svg: str) -> tuple[float, float]:
    root = ET.fromstring(svg)  # noqa: S314  # see the import
    return float(root.get("width", "0")), float(root.get("height", "0"))


def figures_of(content: dict[str, Any]) -> list[Block]:
    blocks = [block for part in content.get("sections", []) for block in part["blocks"]]
    return [figure for block in blocks if block["kind"] == "figures" for figure in block["figures"]]


def drawn_of(content: dict[str, Any], new: Sequence[StoredFigure] = ()) -> dict[str, str]:
    """fingerprint → SVG of each figure of a content; `new` are not in the database yet."""
    wanted = {figure["drawn"] for figure in figures_of(content)}
    kept = [*new, *StoredFigure.objects.filter(pk__in=wanted - {figure.pk for figure in new})]
    return {figure.pk: figure.content.decode() for figure in kept}


def figure_svg(figure: Block, drawn: str, *, captioned: bool) -> bytes:
    """`captioned`: run and data are written under it, as it may be parted from the caption beside it."""
    stamp = render.Stamp(figure["run"], figure["data"], "", tuple(figure["marks"]))
    return render.stamped(drawn, figure["alt"], stamp, captioned=captioned)
