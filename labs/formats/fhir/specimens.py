"""What a Specimen says, and which of our kinds its type means."""

from dataclasses import dataclass
from datetime import tzinfo

from labs.formats.fhir.elements import (
    Identifier,
    Reference,
    expect_type,
    identifiers_of,
    object_of,
    objects_of,
    reference_of,
    text_of,
)
from labs.formats.fhir.observations import date_of
from labs.formats.fhir.problems import Json, refused
from labs.formats.fhir.systems import SNOMED, SPECIMEN_TYPE
from labs.formats.fhir.times import PartialDate

PLACE = "Specimen"
# (system, code) → kind. What may be tumour or not (tissue, biopsy) is not guessed.
KINDS = {
    **{
        (SPECIMEN_TYPE, code): "blood"
        for code in ("BLD", "BLDA", "BLDC", "BLDV", "WB", "SER", "PLAS", "PLB", "SERPLAS")
    },
    **{(SNOMED, code): "blood" for code in ("119297000", "119364003", "119361006", "122555007", "122554006")},
    (SPECIMEN_TYPE, "TUMOR"): "tumour",
    (SNOMED, "258435002"): "tumour",
}
# How our kinds are called elsewhere, where there is a code for it.
STANDARD = {"blood": (SPECIMEN_TYPE, "BLD"), "tumour": (SPECIMEN_TYPE, "TUMOR")}


@dataclass(frozen=True)
class SpecimenSent:
    identifiers: tuple[Identifier, ...]
    accession: Identifier | None
    kind: str
    subject: Reference | None
    collected: PartialDate | None
    is_in_error: bool


def read_specimen(resource: Json, zone: tzinfo, kind_system: str, kinds: tuple[str, ...]) -> SpecimenSent:
    """`kinds` are the codes of our own system `kind_system`."""
    expect_type(resource, PLACE)
    status = text_of(resource, "status", PLACE)
    if status not in ("", "available", "entered-in-error"):
        raise refused("A specimen is available, or entered in error.", f"{PLACE}.status", "not-supported")
    accession = object_of(resource, "accessionIdentifier", PLACE)
    number = text_of(accession, "value", f"{PLACE}.accessionIdentifier", longest=200)
    system = text_of(accession, "system", f"{PLACE}.accessionIdentifier", longest=200)
    collection = object_of(resource, "collection", PLACE)
    return SpecimenSent(
        identifiers=tuple(identifiers_of(resource, PLACE)),
        accession=Identifier(system, number) if number else None,
        kind=_kind(object_of(resource, "type", PLACE), kind_system, kinds) if "type" in resource else "",
        subject=reference_of(resource, "subject", PLACE),
        collected=date_of(collection, "collectedDateTime", f"{PLACE}.collection.collected", zone),
        is_in_error=status == "entered-in-error",
    )


def _kind(concept: Json, own: str, kinds: tuple[str, ...]) -> str:
    place = f"{PLACE}.type"
    for coding, where in objects_of(concept, "coding", place):
        system, code = text_of(coding, "system", where), text_of(coding, "code", where)
        if system == own and code in kinds:
            return code
        if (system, code) in KINDS:
            return KINDS[system, code]
    text = f"This type is not known; send a code of {own} ({', '.join(kinds)}) or for blood one of {SPECIMEN_TYPE}."
    raise refused(text, place, "code-invalid")
