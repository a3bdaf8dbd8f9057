"""What a figure must say about itself wherever it travels, and the same as metadata that programs read."""

from dataclasses import dataclass
from xml.etree import ElementTree as ET  # writes only

PROVENANCE = "urn:hepatica:provenance"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_DC = "http://purl.org/dc/elements/1.1/"
_XMP = "http://ns.adobe.com/xap/1.0/"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"

_PREFIXES = {"rdf": _RDF, "dc": _DC, "xmp": _XMP, "x": "adobe:ns:meta/", "hepatica": PROVENANCE}
for _prefix, _uri in _PREFIXES.items():
    ET.register_namespace(_prefix, _uri)


@dataclass(frozen=True)
class Stamp:
    """Provenance of one figure.

    Attributes
    ----------
    run_id, data_hash
        The run that computed it and the fingerprint of the data it was computed from.
    caption
        Sentences below the figure: n, events, exclusions with reasons.
    marks
        Words of the band above it, such as "Exploratory" and "Simulated data".
    freshness
        Whether the numbers stood when the file was made, in a sentence with the time.
    title, software, as_of
        Of the metadata: what it shows, what drew it, when it was computed (ISO 8601).
    """

    run_id: str
    data_hash: str
    caption: str
    marks: tuple[str, ...] = ()
    freshness: str = ""
    title: str = ""
    software: str = "Hepatica"
    as_of: str = ""

    @property
    def origin(self) -> str:
        # Printed numbers are no file and no data of a cohort.
        if not self.data_hash:
            return ""
        freshness = f" {self.freshness}." if self.freshness else ""
        return f"Run {self.run_id}, data {self.data_hash[:12]}.{freshness}"

    @property
    def description(self) -> str:
        return " ".join(part for part in (self.caption, self.origin, *(f"{mark}." for mark in self.marks)) if part)

    @property
    def identifier(self) -> str:
        """Of a run; of a table that somebody had analysed, its data are all there is."""
        return f"hepatica:run:{self.run_id}" if self.run_id.isdigit() else f"sha256:{self.data_hash}"


def rdf(stamp: Stamp) -> ET.Element:
    """Dublin Core in RDF: what an SVG's <metadata> and a PDF's XMP both hold."""
    root = ET.Element(f"{{{_RDF}}}RDF")
    about = ET.SubElement(root, f"{{{_RDF}}}Description", {f"{{{_RDF}}}about": ""})
    _listed(about, "title", "Alt", stamp.title)
    _listed(about, "description", "Alt", stamp.description)
    _listed(about, "creator", "Seq", stamp.software)
    if stamp.as_of:
        _listed(about, "date", "Seq", stamp.as_of)
    if stamp.data_hash:
        ET.SubElement(about, f"{{{_DC}}}identifier").text = stamp.identifier
        ET.SubElement(about, f"{{{_DC}}}source").text = f"sha256:{stamp.data_hash}"
    ET.SubElement(about, f"{{{_XMP}}}CreatorTool").text = stamp.software
    for name, value in fields(stamp).items():
        if value:
            ET.SubElement(about, f"{{{PROVENANCE}}}{name}").text = value
    return root


def fields(stamp: Stamp) -> dict[str, str]:
    found = {"run": stamp.run_id, "data": stamp.data_hash, "marks": ", ".join(stamp.marks)}
    return found | ({"freshness": stamp.freshness} if stamp.freshness else {})


def _listed(about: ET.Element, name: str, container: str, text: str) -> None:
    if not text:
        return
    items = ET.SubElement(ET.SubElement(about, f"{{{_DC}}}{name}"), f"{{{_RDF}}}{container}")
    item = ET.SubElement(items, f"{{{_RDF}}}li", {_LANGUAGE: "x-default"} if container == "Alt" else {})
    item.text = text
