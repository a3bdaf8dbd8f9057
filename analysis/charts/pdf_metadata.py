"""Document information and XMP of a PDF, appended as an incremental update: the drawing library writes none."""

import re
from xml.etree import ElementTree as ET  # writes only

from analysis.charts.stamp import Stamp, rdf

_TRAILER = re.compile(rb"trailer\s*<<(.*?)>>\s*startxref\s+(\d+)\s+%%EOF\s*$", re.DOTALL)


class UnknownPdf(ValueError):
    """A file of another shape than the drawing library writes."""


def with_metadata(pdf: bytes, stamp: Stamp) -> bytes:
    trailer = _TRAILER.search(pdf)
    if trailer is None:
        raise UnknownPdf("The file does not end with a cross-reference table and its trailer.")
    entries, previous = trailer[1], int(trailer[2])
    size = int(_entry(rb"/Size\s+(\d+)", entries))
    root = int(_entry(rb"/Root\s+(\d+)\s+0\s+R", entries))
    catalog = _entry(rb"\b%d 0 obj\s*<<(.*?)>>\s*endobj" % root, pdf)
    info, xmp = size, size + 1
    objects = {
        root: b"<<%s/Metadata %d 0 R\n>>" % (catalog, xmp),
        info: _info(stamp),
        xmp: _stream(_packet(stamp)),
    }
    return _appended(pdf, objects, root=root, info=info, size=size + 2, previous=previous)


def _entry(pattern: bytes, content: bytes) -> bytes:
    found = re.search(pattern, content, re.DOTALL)
    if found is None:
        raise UnknownPdf(f"There is no {pattern.decode()}.")
    value: bytes = found[1]
    return value


def _info(stamp: Stamp) -> bytes:
    texts = {
        b"Title": stamp.title,
        b"Subject": stamp.description,
        b"Keywords": ", ".join([stamp.identifier, f"sha256:{stamp.data_hash}"]) if stamp.data_hash else "",
        b"Creator": stamp.software,
        b"Producer": stamp.software,
    }
    return b"<<\n" + b"".join(b"/%s %s\n" % (name, _text(text)) for name, text in texts.items() if text) + b">>"


def _text(text: str) -> bytes:
    if text.isascii():
        return b"(" + re.sub(rb"([\\()])", rb"\\\1", text.encode()) + b")"
    return b"<" + ("\ufeff" + text).encode("utf-16-be").hex().encode() + b">"


def _packet(stamp: Stamp) -> bytes:
    meta = ET.Element("{adobe:ns:meta/}xmpmeta")
    meta.append(rdf(stamp))
    start = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'.encode()
    packet: bytes = ET.tostring(meta, encoding="utf-8")
    return start + packet + b'\n<?xpacket end="r"?>'


def _stream(content: bytes) -> bytes:
    return b"<< /Type /Metadata /Subtype /XML /Length %d >>\nstream\n%s\nendstream" % (len(content), content)


def _appended(pdf: bytes, objects: dict[int, bytes], *, root: int, info: int, size: int, previous: int) -> bytes:
    out, table = bytearray(pdf.rstrip() + b"\n"), bytearray(b"xref\n")
    for number, content in sorted(objects.items()):
        table += b"%d 1\n%010d 00000 n\r\n" % (number, len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    place = len(out)
    trailer = b"trailer\n<< /Size %d /Root %d 0 R /Info %d 0 R /Prev %d >>\n" % (size, root, info, previous)
    return bytes(out + table + trailer + b"startxref\n%d\n%%%%EOF\n" % place)
