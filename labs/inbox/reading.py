"""From bytes to what they say: which reader a message is for. Never raises for any bytes."""

from labs.formats.hl7.reading import read_message
from labs.formats.messages.received import Received
from labs.formats.messages.site import Site


def read(data: bytes, site: Site) -> Received:
    return read_message(data, site)
