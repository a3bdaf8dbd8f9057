"""Plates made by hand, as a CFX writes them."""

from collections.abc import Iterable, Sequence

HEADER = (
    "",
    "Well",
    "Fluor",
    "Target",
    "Content",
    "Sample",
    "Biological Set Name",
    "Cq",
    "Cq Mean",
    "Cq Std. Dev",
    "Starting Quantity (SQ)",
)


def csv_of(rows: Iterable[Sequence[object]], header: Sequence[str] = HEADER, delimiter: str = ",") -> bytes:
    lines = [delimiter.join(header), *(delimiter.join(str(cell) for cell in row) for row in rows)]
    return ("\r\n".join(lines) + "\r\n").encode()


def well(position: str, target: str, content: str, sample: str, cq: object) -> tuple[object, ...]:
    return ("", position, "SYBR", target, content, sample, "", cq, "", "", "")


def paired_plate(tumour: str, normal: str, target_cqs: Sequence[object] = (24.0, 24.1, 23.9)) -> bytes:
    """A tumour and a normal tissue, S100A11 and ACTB, three wells each, and two silent controls: ΔΔCt is −2."""
    rows = []
    for letter, target, sample, content, cqs in (
        ("A", "S100A11", tumour, "Unkn-01", target_cqs),
        ("B", "S100A11", normal, "Unkn-02", (26.0, 26.1, 25.9)),
        ("C", "ACTB", tumour, "Unkn-03", (18.0, 18.1, 17.9)),
        ("D", "ACTB", normal, "Unkn-04", (18.0, 18.1, 17.9)),
    ):
        rows += [well(f"{letter}{n:02d}", target, content, sample, cq) for n, cq in enumerate(cqs, start=1)]
    rows += [well("H01", "S100A11", "NTC-01", "", "NaN"), well("H02", "ACTB", "NTC-02", "", "")]
    return csv_of(rows)
