"""Messages written out for tests: one order of one laboratory, with the rows that are given."""

from collections.abc import Sequence

Row = tuple[str, str, str] | tuple[str, str, str, str]


def oru(
    *rows: Row,
    control: str = "1",
    sent: str = "20240308120000",
    issued: str = "",
    pid: str = "4711^^^HOSP",
    born: str = "19500517",
    sex: str = "F",
    order: str = "A100",
    drawn: str = "202403080800",
    processing: str = "P",
    sender: str = "LAB|EAST",
) -> bytes:
    """`rows` are (code, value, unit) or (code, value, unit, status)."""
    lines = [
        f"MSH|^~\\&|{sender}|HEP|HOSP|{sent}||ORU^R01|{control}|{processing}|2.5",
        f"PID|1||{pid}||DOE^JANE||{born}|{sex}",
        f"OBR|1||{order}|PANEL|||{drawn}|||||||||||||||{issued}|||F",
        *(_obx(place, row) for place, row in enumerate(rows, start=1)),
    ]
    return "\r".join([*lines, ""]).encode()


def _obx(place: int, row: Sequence[str]) -> str:
    code, value, unit, status = (*row, "F")[:4]
    return f"OBX|{place}|NM|{code}^{code} by name||{value}|{unit}|||||{status}"
