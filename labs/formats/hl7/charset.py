"""Which codec a message is in: what MSH-18 says, strictly, else what its sender is known to use."""

from dataclasses import dataclass

from labs.formats.hl7.files import BOM
from labs.formats.messages.delimiters import without_zeros
from labs.formats.messages.senders import Settings
from labs.formats.messages.site import Site


class NotDecoded(ValueError):
    """The text says why, without a word of the message."""


@dataclass(frozen=True)
class Decoded:
    text: str
    codec: str


def decode(raw: bytes, declared: str, site: Site, settings: Settings) -> Decoded:
    """Never a codec that "fits anyway": Chinese bytes are no Latin text. A byte-order mark means UTF-8."""
    if raw.startswith(BOM):
        candidates: tuple[str, ...] = ("utf-8",)
        raw = raw.removeprefix(BOM)
    elif declared:
        codec = _named(declared, site)
        if codec is None:
            raise NotDecoded("MSH-18 names a character set that is not known here.")
        candidates = (codec,)
    else:
        candidates = settings.charset_if_empty
    for codec in candidates:
        try:
            return Decoded(without_zeros(raw.decode(codec)), codec)
        except (UnicodeError, LookupError):
            continue
    raise NotDecoded(f"The bytes are not {' or '.join(candidates) or 'of any character set set for the sender'}.")


def _named(declared: str, site: Site) -> str | None:
    if declared in site.codecs:
        return site.codecs[declared]
    return next((codec for name, codec in site.codecs.items() if name and name.upper() == declared.upper()), None)
