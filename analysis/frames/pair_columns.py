"""The names of a frame's columns that hold tumour and adjacent normal tissue of one marker."""

LABELS = {"ihc": "IHC", "blot": "Western blot", "qpcr": "qPCR"}
METHODS = tuple(LABELS)
TISSUES = ("tumour", "normal")


def side_column(method: str, marker: str, tissue: str) -> str:
    return f"{method}:{marker}@{tissue}"


def specimen_column(method: str, marker: str, tissue: str) -> str:
    return f"{side_column(method, marker, tissue)}.specimen"


def pair_column(method: str, marker: str, what: str) -> str:
    """`what` is "change" (tumour against normal), "unmatched" (why there is no pair) or "source"."""
    return f"{method}:{marker}.{what}"
