"""Files of results that are neither HL7 nor ASTM, as rows of (name, sniff, read): ours, and those of other packages."""

import logging
from collections.abc import Callable
from typing import NamedTuple

from labs.formats.messages.received import Received, Verdict
from labs.formats.messages.sent_file import SentFile
from labs.formats.messages.site import Site
from labs.formats.openelis.reading import is_bundle, read_bundle
from labs.formats.outside import FORMATS, added
from labs.formats.senaite.reading import is_senaite, read_senaite

logger = logging.getLogger(__name__)


class MessageFormat(NamedTuple):
    """`sniff` gets name and bytes and never raises. `read` turns them into messages that are judged as any other.

    The bytes in `SentFile.raw` are what is kept, and must be readable again by the same `read`, without the name.
    """

    name: str
    sniff: Callable[[str, bytes], bool]
    read: Callable[[str, bytes, Site], SentFile]


OURS: tuple[MessageFormat, ...] = (
    MessageFormat("senaite_json", is_senaite, read_senaite),
    MessageFormat("fhir_bundle", is_bundle, read_bundle),
)


def message_format(name: str, data: bytes) -> MessageFormat | None:
    outside = [each for each in added(FORMATS) if isinstance(each, MessageFormat)]
    return next((each for each in (*outside, *OURS) if _fits(each, name, data)), None)


def read_by(each: MessageFormat, name: str, data: bytes, site: Site) -> SentFile:
    """What another package cannot read is an error of the message, whose bytes are kept; nothing is raised."""
    try:
        return each.read(name, data, site)
    except Exception as error:
        logger.error("the format %s failed to read a file: %s", each.name, type(error).__name__)
        text = f"The format {each.name} cannot read it."
        return SentFile(each.name, (Received(Verdict.AE, reason="segment_broken", text=text),), (data,))


def _fits(each: MessageFormat, name: str, data: bytes) -> bool:
    try:
        return bool(each.sniff(name, data))
    except Exception as error:
        logger.error("the format %s failed to look at a file: %s", each.name, type(error).__name__)
        return False
