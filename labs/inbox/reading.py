"""From the bytes of one message to what they say. Never raises for any bytes."""

import re

from labs.formats.hl7.reading import read_message
from labs.formats.messages.reading import kind_of, read_messages
from labs.formats.messages.received import Received
from labs.formats.messages.site import Site

_FIRST_RECORD = re.compile(rb"\A[\x02\x05\s0-7]*H[^A-Za-z0-9\s]")


def read(data: bytes, site: Site, *, is_framed: bool = False) -> Received:
    """What came in a frame of MLLP is HL7 or nothing: nobody sends a document of another format there."""
    kind = kind_of("", data)
    if is_framed and kind != "astm":
        return read_message(data, site)
    if kind not in {"", "hl7v2"} or _FIRST_RECORD.match(data):
        sent = read_messages("", data, site)
        if sent is not None and sent.messages:
            return sent.messages[0]
    return read_message(data, site)
