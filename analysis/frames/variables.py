"""The names of what can be analysed.

`ihc:FAP@tumour`, `blood:ALB`, `index:PNI`, `baseline:age`, `extra:CODE`, `gene:S100A11`.
"""

import re
from dataclasses import dataclass

SOURCES = ("ihc", "blot", "qpcr", "blood", "index", "baseline", "extra", "gene")
SPECIMEN_SOURCES = ("ihc", "blot", "qpcr")
# analytes that an index is computed from
INDEX_PARTS = {"PNI": ("ALB", "LYM"), "ALBI": ("ALB", "TBIL")}
_NAME = re.compile(r"(?P<source>[a-z]+):(?P<code>[A-Za-z0-9_.\-]+)(?:@(?P<specimen>[a-z]+))?")


class VariableNameError(ValueError):
    """A name that is not of the form source:code or source:code@specimen."""


@dataclass(frozen=True)
class Variable:
    source: str
    code: str
    specimen: str = ""

    @property
    def name(self) -> str:
        return f"{self.source}:{self.code}" + (f"@{self.specimen}" if self.specimen else "")

    @property
    def label(self) -> str:
        where = f" ({self.specimen})" if self.specimen and self.specimen != "tumour" else ""
        return f"{self.code}{where}"

    def domains(self) -> set[str]:
        if self.source == "baseline":
            return {"baseline"}
        if self.source == "extra":
            return {f"extra/{self.code}", "definition"}
        if self.source in SPECIMEN_SOURCES:
            return {f"{self.source}/{self.code}"}
        if self.source == "gene":
            return {"expression"}
        # The window rule ends on the cohort's index event: by its definition perhaps the first dose of the inhibitor.
        analytes = INDEX_PARTS[self.code] if self.source == "index" else (self.code,)
        return {"definition", "treatments", *(f"blood/{analyte}" for analyte in analytes)}

    def shared_domains(self) -> set[str]:
        """Streams of no cohort: the scale of a marker and the unit of an analyte hold for all of them."""
        if self.source in SPECIMEN_SOURCES:
            return {f"marker/{self.code}"}
        if self.source == "index":
            return {f"analyte/{analyte}" for analyte in INDEX_PARTS[self.code]}
        return {f"analyte/{self.code}"} if self.source == "blood" else set()


def parse(name: str) -> Variable:
    match = _NAME.fullmatch(name)
    if match is None or match["source"] not in SOURCES:
        raise VariableNameError(
            f"{name!r} is no variable: write source:code, the source being one of {', '.join(SOURCES)}."
        )
    source, code, specimen = match["source"], match["code"], match["specimen"] or ""
    if source in SPECIMEN_SOURCES:
        specimen = specimen or "tumour"
    elif specimen:
        raise VariableNameError(f"{name!r}: only {', '.join(SPECIMEN_SOURCES)} are measured on a specimen.")
    if source == "index" and code not in INDEX_PARTS:
        raise VariableNameError(f"{name!r}: the known indices are {', '.join(INDEX_PARTS)}.")
    return Variable(source, code, specimen)
