"""Which protocol or format a file of messages has, and its messages."""

import re

from labs.formats.astm.reading import read_messages as read_astm
from labs.formats.hl7.files import split_file
from labs.formats.hl7.mllp import FrameSplitter
from labs.formats.hl7.reading import read_message
from labs.formats.messages.formats import message_format, read_by
from labs.formats.messages.received import Received, Verdict
from labs.formats.messages.sent_file import SentFile
from labs.formats.messages.site import Site

STREAM = ".mllp"
HL7 = re.compile(rb"(?:\A|[\r\n])[\xef\xbb\xbf\x0b\x00\t ]*(?:MSH|FHS|BHS)[!-/:-@\[-`{-~]")
ASTM = re.compile(rb"(?:\A(?:\xef\xbb\xbf)?|[\r\n]|\x02[0-7])H([!-/:-@\[-`{-~])[!-/:-@\[-`{-~]{3}\1")


def kind_of(name: str, data: bytes) -> str:
    """mllp, hl7v2, astm, the name of another format of messages, or "" for a file of something else."""
    if name.lower().endswith(STREAM):
        return "mllp"
    if HL7.search(data):
        return "hl7v2"
    if ASTM.search(data):
        return "astm"
    found = message_format(name, data)
    return found.name if found else ""


def read_messages(name: str, data: bytes, site: Site) -> SentFile | None:
    """None for a file of something else."""
    kind = kind_of(name, data)
    if kind == "mllp":
        return _stream(data, site)
    if kind == "hl7v2":
        split = split_file(data)
        read = tuple(read_message(raw, site) for raw in split.messages)
        return SentFile(kind, read, split.messages, split.batch, split.warnings, split.error)
    if kind == "astm":
        return read_astm(data, site)
    found = message_format(name, data) if kind else None
    return read_by(found, name, data, site) if found else None


def messages_of_frame(frame: bytes) -> tuple[bytes, ...]:
    """A frame has one message, or a batch of them; one without any is handed on as it is, to be answered."""
    return split_file(frame).messages or (frame,)


def _stream(data: bytes, site: Site) -> SentFile:
    """As a connection would deliver it, closed after the last byte. What had no end is nothing, and is told."""
    splitter = FrameSplitter()
    frames = splitter.feed(data)
    end = splitter.close()
    raw = tuple(message for frame in frames for message in messages_of_frame(frame))
    read = tuple(read_message(message, site) for message in raw)
    if end:
        read, raw = (*read, Received(Verdict.NONE, end)), (*raw, b"")
    return SentFile("mllp", read, raw, frames=splitter.frames)
