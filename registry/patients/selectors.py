import unicodedata
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from registry.cohorts.models import Cohort
from registry.patients.models import Enrolment, PatientIdentity
from registry.people.models import Site

# Two transposed letters in a name of nine still reach it, two different common surnames do not.
_SIMILAR = 0.85


def cohort_enrolments(cohort: Cohort, using: str = "default") -> QuerySet[Enrolment]:
    """Everybody who was not withdrawn, by study number."""
    rows = Enrolment.objects.using(using).filter(cohort_id=cohort.pk, withdrawn_on__isnull=True, retired_reason="")
    return rows.select_related("patient").order_by("patient__study_number")


@dataclass(frozen=True)
class Candidate:
    """A patient who may be the same person: the study number and why, no identifier."""

    study_number: str
    is_certain: bool
    similarity: float
    why: str


def identity_candidates(
    *, site: Site, name: str = "", record_number: str = "", birth_date: date | None = None, phone: str = ""
) -> list[Candidate]:
    """Patients of the site who may be this person, the surest first."""
    narrowed = Q()
    for column, value in (("record_number", record_number), ("birth_date", birth_date), ("phone", phone)):
        narrowed |= Q(**{column: value}) if value else Q()
    narrowed |= Q(name__iexact=name) if name else Q()
    if not narrowed:
        return []
    rows = PatientIdentity.objects.filter(narrowed, site=site, retired_reason="").select_related("patient")
    found = (_compared(row, name, record_number, birth_date, phone) for row in rows)
    return sorted(
        (candidate for candidate in found if candidate),
        key=lambda candidate: (not candidate.is_certain, -candidate.similarity, candidate.study_number),
    )


def _compared(
    row: PatientIdentity, name: str, record_number: str, birth_date: date | None, phone: str
) -> Candidate | None:
    number, similarity = row.patient.study_number, _similarity(name, row.name)
    same_birth = birth_date is not None and row.birth_date == birth_date
    if record_number and row.record_number == record_number:
        return Candidate(number, True, 1.0, _("same medical record number"))
    if same_birth and similarity == 1.0:
        return Candidate(number, True, 1.0, _("same name and date of birth"))
    if same_birth and similarity >= _SIMILAR:
        return Candidate(number, False, similarity, _("similar name, same date of birth"))
    if phone and row.phone == phone and similarity >= _SIMILAR:
        return Candidate(number, False, similarity, _("similar name, same telephone"))
    if similarity == 1.0:
        return Candidate(number, False, similarity, _("same name, another or no date of birth"))
    return None


def _similarity(one: str, other: str) -> float:
    first, second = _normal(one), _normal(other)
    return SequenceMatcher(None, first, second).ratio() if first and second else 0.0


def _normal(name: str) -> str:
    """Without accents, case and order of the parts: "GAO, Rú" is "ru gao"."""
    letters = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    words = "".join(c if c.isalnum() else " " for c in letters.casefold()).split()
    return " ".join(sorted(words))
