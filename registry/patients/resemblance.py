"""How alike two spellings of a name are."""

import unicodedata
from difflib import SequenceMatcher

# Two transposed letters in a name of ten still reach it, two different common surnames do not.
SIMILAR = 0.9


def similarity(one: str, other: str) -> float:
    """From 0 to 1; 1 for the same words in any order, with or without accents and capitals."""
    first, second = _normal(one), _normal(other)
    return SequenceMatcher(None, first, second, autojunk=False).ratio() if first and second else 0.0


def _normal(name: str) -> str:
    letters = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    words = "".join(c if c.isalnum() else " " for c in letters.casefold()).split()
    return " ".join(sorted(words))
