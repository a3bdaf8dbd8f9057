"""What a DiagnosticReport says."""

from dataclasses import dataclass

from labs.formats.fhir.elements import (
    Identifier,
    Reference,
    expect_type,
    identifiers_of,
    object_of,
    objects_of,
    reference_of,
    references_of,
    text_of,
)
from labs.formats.fhir.problems import Json, refused
from labs.formats.fhir.systems import REPORT_STATUSES

REPORT = "DiagnosticReport"
_TAKEN = ("registered", "partial", "preliminary", "final", "amended", "corrected", "appended")


@dataclass(frozen=True)
class ReportSent:
    identifiers: tuple[Identifier, ...]
    status: str
    codes: tuple[Identifier, ...]
    subject: Reference | None
    specimens: tuple[tuple[Reference, str], ...]
    results: tuple[tuple[Reference, str], ...]
    orders: tuple[Identifier, ...]


def read_report(resource: Json) -> ReportSent:
    expect_type(resource, REPORT)
    identifiers = tuple(identifiers_of(resource, REPORT))
    if not identifiers:
        text = "Give the report's own identifier: by it a report that is sent again is known."
        raise refused(text, f"{REPORT}.identifier", "required")
    status = text_of(resource, "status", REPORT)
    if status not in REPORT_STATUSES:
        raise refused(f"“{status}” is no status; known: {', '.join(_TAKEN)}.", f"{REPORT}.status", "code-invalid")
    if status not in _TAKEN:
        text = "A report here is what its results are: withdraw those, as Observation with status entered-in-error."
        raise refused(text, f"{REPORT}.status", "not-supported")
    concept = object_of(resource, "code", REPORT)
    codings = objects_of(concept, "coding", f"{REPORT}.code")
    codes = [Identifier(text_of(each, "system", at, longest=200), text_of(each, "code", at)) for each, at in codings]
    return ReportSent(
        identifiers=identifiers,
        status=status,
        codes=tuple(dict.fromkeys(code for code in codes if code.value)),
        subject=reference_of(resource, "subject", REPORT),
        specimens=tuple(references_of(resource, "specimen", REPORT)),
        results=tuple(references_of(resource, "result", REPORT)),
        orders=tuple(_order(each) for each, _place in references_of(resource, "basedOn", REPORT)),
    )


def _order(reference: Reference) -> Identifier:
    return reference.identifier or Identifier("", reference.target)
