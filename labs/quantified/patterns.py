"""How an image is named after its stain: a pattern with {specimen} and {marker}, declared and never guessed."""

import re
from dataclasses import dataclass

MARK = re.compile(r"\{(specimen|marker)\}")
_ENDINGS = re.compile(r"(\.ome)?\.(svs|tiff?|ndpi|mrxs|scn|czi|vsi|qptiff|jpe?g|png)(\s-\s.*)?\Z", re.IGNORECASE)
LONGEST = 120


class PatternRefused(ValueError):
    """Says what is wrong with the pattern."""


@dataclass(frozen=True)
class Named:
    specimen: str
    marker: str


def compiled(pattern: str) -> re.Pattern[str]:
    """PatternRefused unless the pattern names each of the two once, with something between them."""
    written = pattern.strip()
    if len(written) > LONGEST:
        raise PatternRefused(f"The pattern has more than {LONGEST} characters.")
    marks = [found[1] for found in MARK.finditer(written)]
    if sorted(marks) != ["marker", "specimen"]:
        raise PatternRefused("The pattern names {specimen} and {marker}, each once.")
    parts = MARK.split(written)
    if not parts[2]:
        raise PatternRefused("Something must stand between {specimen} and {marker}, such as _.")
    if "{" in "".join(parts[::2]) or "}" in "".join(parts[::2]):
        raise PatternRefused("The pattern knows {specimen} and {marker} only.")
    first, second = (r"(?P<{}>{})".format(mark, r"\S+?" if place == 0 else r"\S+") for place, mark in enumerate(marks))
    source = re.escape(parts[0]) + first + re.escape(parts[2]) + second + re.escape(parts[4])
    return re.compile(source, re.IGNORECASE)


def named(image: str, pattern: str) -> list[Named]:
    """Every way to read the image's name by the pattern: a specimen code may hold the character between."""
    stem = _ENDINGS.sub("", image.rpartition("/")[2].rpartition("\\")[2].strip())
    expression = compiled(pattern)
    parts = MARK.split(pattern.strip())
    between = parts[2]
    found = []
    for place in (match.start() for match in re.finditer(re.escape(between), stem)):
        candidate = _split(stem, place, parts)
        if candidate is not None:
            found.append(candidate)
    return found if expression.fullmatch(stem) else []


def _split(stem: str, place: int, parts: list[str]) -> Named | None:
    before, after = stem[:place], stem[place + len(parts[2]) :]
    if not before.startswith(parts[0]) or not after.endswith(parts[4]):
        return None
    first, second = before[len(parts[0]) :], after[: len(after) - len(parts[4])]
    if not first or not second:
        return None
    return Named(first, second) if parts[1] == "specimen" else Named(second, first)
