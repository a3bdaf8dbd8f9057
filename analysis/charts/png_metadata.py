"""Text chunks of a PNG: the drawing library writes none."""

import struct
import zlib

from analysis.charts.stamp import Stamp, fields

_SIGNATURE = 8
# Length, type and check sum around the 13 bytes of the first chunk, which must stay the first.
_HEADER = 12 + 13


def with_text(png: bytes, stamp: Stamp) -> bytes:
    own = {f"hepatica:{name}": value for name, value in fields(stamp).items()}
    texts = {
        "Title": stamp.title,
        "Description": stamp.description,
        "Software": stamp.software,
        "Creation Time": stamp.as_of,
        "Source": stamp.identifier if stamp.data_hash else "",
        **own,
    }
    place = _SIGNATURE + _HEADER
    chunks = b"".join(_international(name, text) for name, text in texts.items() if text)
    return png[:place] + chunks + png[place:]


def _international(keyword: str, text: str) -> bytes:
    """An iTXt chunk: UTF-8, not compressed, so that any search finds it."""
    data = keyword.encode("latin-1") + b"\0" + b"\0\0" + b"\0" + b"\0" + text.encode()
    kind = b"iTXt"
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
