"""One spelling of a unit, for finding it among those of an analyte. What it means only the analyte says."""

import re

from labs.formats.messages.delimiters import STANDARD, Delimiters

UNESCAPED_POWER = re.compile(r"x?10\^\d+/", re.IGNORECASE)
# UTF-8 read as Latin-1, once or twice, and the two letters themselves.
MICRO = ("Ã\u008eÂ¼", "Ã‚Âµ", "Ã\u0082Âµ", "Î¼", "Âµ", "\u03bc", "\u00b5")
CUBED = ("Â³", "³")
LEADING = (("mcmol", "umol"), ("mcg", "ug"), ("?mol", "umol"), ("?g", "ug"))


def normal_unit(sent: str, delimiters: Delimiters = STANDARD) -> str:
    text = _named(sent.strip(), delimiters)
    for spelling in MICRO:
        text = text.replace(spelling, "u")
    for spelling in CUBED:
        text = text.replace(spelling, "3")
    text = re.sub(r"\s+", "", text).lower()
    for spelling, ours in LEADING:
        if text.startswith(spelling):
            return ours + text.removeprefix(spelling)
    return text


def _named(sent: str, delimiters: Delimiters) -> str:
    """A power that was sent without escaping its ^ is no second component."""
    if UNESCAPED_POWER.match(sent):
        return delimiters.unescape(sent)
    parts = (*delimiters.components(sent), "")
    return parts[0] or parts[1]
