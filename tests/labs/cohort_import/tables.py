"""The hand-made clinic that ships with the tests, and ways to spoil it."""

from pathlib import Path
from typing import Any

from labs.cohort_import.mapping import Mapping, parse_mapping
from labs.cohort_import.services import cohort_import
from labs.cohort_import.tally import Outcome
from registry.log.actors import Actor

HERE = Path(__file__).parent
CLINIC_CSV = HERE / "clinic.csv"
CLINIC_TOML = HERE / "clinic.toml"
BY = Actor.system("tests", "import")

SMALL = """
[cohort]
code = "small"
name = "Small"
site = "clinic"
index_event = "resection"

[[endpoints]]
code = "OS"
name = "Overall survival"
events = ["death"]

[patient]
study_number = "id"
prefix = "S-"
"""


def clinic() -> Mapping:
    return parse_mapping(CLINIC_TOML.read_bytes())


def small(more: str = "") -> Mapping:
    return parse_mapping((SMALL + more).encode())


def spoiled(folder: Path, *replacements: tuple[str, str]) -> Path:
    """A copy of the clinic's table with some text replaced; each must be there exactly once."""
    text = CLINIC_CSV.read_text(encoding="utf-8")
    for old, new in replacements:
        assert text.count(old) == 1, (old, text.count(old))
        text = text.replace(old, new)
    path = folder / "clinic.csv"
    path.write_text(text, encoding="utf-8")
    return path


def imported(file: Path = CLINIC_CSV, mapping: Mapping | None = None, **options: Any) -> Outcome:
    return cohort_import(file=file, mapping=mapping or clinic(), by=BY, **options)


def table(folder: Path, text: str) -> Path:
    path = folder / "table.csv"
    path.write_text(text, encoding="utf-8")
    return path
