"""What the columns of an uploaded table are: guessed from their headers, corrected by the person. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from labs.blood.units import normalised

DRAW, PATIENT, DAY, ANALYTE, VALUE, UNIT, SKIP = "draw", "patient", "day", "analyte", "value", "unit", "skip"
KEYS = (DRAW, PATIENT, DAY)
# before the code of an analyte: a wide column of its values
OF = "of:"

_HEADERS = {
    DRAW: ("draw", "drawcode", "specimen", "specimencode", "sample", "sampleid", "samplecode", "specimenid", "tube"),
    PATIENT: ("patient", "studynumber", "patientid", "subject", "subjectid", "studyid", "patientnumber"),
    DAY: ("date", "collected", "collectedon", "drawdate", "drawn", "drawnon", "sampledate", "collectiondate"),
    ANALYTE: ("analyte", "test", "parameter", "component", "marker", "assay", "item"),
    VALUE: ("value", "result", "resultvalue"),
    UNIT: ("unit", "units", "resultunit"),
}
_ALIASES = {
    "WBC": ("leucocytes", "whitecells", "whitebloodcells"),
    "LYM": ("lymphocytes", "lymph", "alc", "lymphocytecount"),
    "NEU": ("neutrophils", "neut", "anc"),
    "PLT": ("platelet", "plateletcount", "thrombocytes"),
    "HGB": ("hb", "haemoglobin", "hemoglobin"),
    "ALB": ("albumin", "serumalbumin"),
    "ALT": ("alat", "gpt", "sgpt"),
    "AST": ("asat", "got", "sgot"),
    "TBIL": ("totalbilirubin", "bilirubintotal", "bilirubin", "tbili", "bili"),
    "CREA": ("creatinine", "creat", "scr"),
    "PT": ("prothrombintime",),
    "AFP": ("alphafetoprotein", "alfafetoprotein"),
    "PIVKA": ("pivkaii", "pivka2", "dcp"),
    "IL6": ("interleukin6",),
    "CD8": ("cd8tcells", "cd8tcell", "cd8count"),
    "CD4": ("cd4tcells", "cd4tcell", "cd4count"),
    "CD3": ("cd3tcells", "cd3tcell", "cd3count"),
}
_WITH_UNIT = re.compile(r"(?P<name>.*?)\s*(?:\((?P<round>.*)\)|\[(?P<square>.*)\])\s*")
_AFTER_COMMA = re.compile(r"(?P<name>[^,]+),\s*(?P<unit>[^,]+)")
_NOT_IN_A_NAME = re.compile(r"[^0-9a-z一-鿿]+")


@dataclass(frozen=True)
class AnalyteNames:
    """What an analyte may be called, and the spellings of its units."""

    names: Mapping[str, str]  # plain name → code
    units: Mapping[str, frozenset[str]]  # code → normalised spellings

    @classmethod
    def of(cls, known: Iterable[tuple[str, str, str, Sequence[str]]]) -> "AnalyteNames":
        """From (code, name, LOINC, spellings). A name that two analytes could have is nobody's."""
        names: dict[str, str] = {}
        units, disputed = {}, set()
        for code, name, loinc, spellings in known:
            units[code] = frozenset(normalised(spelling) for spelling in spellings)
            for called in {plain(text) for text in (code, name, loinc, *_ALIASES.get(code, ()))} - {""}:
                if names.setdefault(called, code) != code:
                    disputed.add(called)
        # An analyte's own code is never in dispute.
        kept = {called: code for called, code in names.items() if called not in disputed}
        return cls(kept | {plain(code): code for code in units}, units)

    def code(self, text: str) -> str:
        """The code of the analyte that is called so; empty when there is none."""
        return self.names.get(plain(text), "")

    def is_unit(self, code: str, unit: str) -> bool:
        return normalised(unit) in self.units.get(code, frozenset())


@dataclass(frozen=True)
class Column:
    header: str
    role: str
    unit: str = ""

    @property
    def analyte(self) -> str:
        return self.role.removeprefix(OF) if self.role.startswith(OF) else ""


def plain(text: str) -> str:
    """Case, spaces, hyphens and the plus of CD8+ tell no two names apart."""
    return _NOT_IN_A_NAME.sub("", text.casefold())


def guess(header: Sequence[str], names: AnalyteNames) -> list[Column]:
    return [_guess(name, names) for name in header]


def _guess(header: str, names: AnalyteNames) -> Column:
    called = plain(header)
    for role, known in _HEADERS.items():
        if called in known:
            return Column(header, role)
    name, unit = split_unit(header, names)
    code = names.code(name)
    return Column(header, OF + code, unit) if code else Column(header, SKIP)


def split_unit(header: str, names: AnalyteNames) -> tuple[str, str]:
    """`Albumin (g/L)`, `ALB [g/L]`, `ALB, g/L` → the name and the unit. A name that is known whole has none."""
    if names.code(header):
        shape = _WITH_UNIT.fullmatch(header)
        # plain() drops the brackets, so “IL-6 (6)” must not hide a unit that can be read
        if shape is None:
            return header, ""
    for shape in (_WITH_UNIT.fullmatch(header), _AFTER_COMMA.fullmatch(header)):
        if shape is None:
            continue
        found = shape.groupdict()
        unit = found.get("round") or found.get("square") or found.get("unit") or ""
        if names.code(found["name"]):
            return found["name"], unit.strip()
    return header, ""


def is_long(columns: Iterable[Column]) -> bool:
    """One row per result: the table has a column of analytes and one of values."""
    roles = {column.role for column in columns}
    return {ANALYTE, VALUE} <= roles
