from dataclasses import dataclass

from registry.models import Assessment, Cohort, Enrolment, ReportedResponse

# study.md section 1; one sentence of the paper swaps the two labels, its methods and tables do not
RESPONDING = {"CR", "PR", "SD"}
FIRST_MRECIST = "responder: CR, PR or SD at the first evaluable mRECIST assessment after the start; non-responder: PD"


@dataclass(frozen=True)
class Response:
    is_responder: bool
    fact: str


def load_response(cohort: Cohort, using: str) -> tuple[dict[int, Response], set[str]]:
    """By enrolment: the first mRECIST assessment, else what the source reported; with the definitions in use."""
    found, definitions = _reported(cohort, using)
    assessed = _assessed(cohort, using)
    if assessed:
        definitions.add(FIRST_MRECIST)
    return found | assessed, definitions


def _reported(cohort: Cohort, using: str) -> tuple[dict[int, Response], set[str]]:
    rows = ReportedResponse.objects.using(using).filter(enrolment__cohort_id=cohort.pk, retired_reason="")
    found = {row.enrolment_id: Response(row.is_responder, f"reportedresponse {row.pk} v{row.version}") for row in rows}
    return found, {row.definition for row in rows}


def _assessed(cohort: Cohort, using: str) -> dict[int, Response]:
    starts = {
        enrolment.patient_id: enrolment
        for enrolment in Enrolment.objects.using(using).filter(cohort_id=cohort.pk, index_date__isnull=False)
    }
    assessments = (
        Assessment.objects.using(using)
        .filter(patient__enrolments__cohort_id=cohort.pk, retired_reason="")
        .exclude(mrecist="NE")
        .order_by("day", "pk")
    )
    found: dict[int, Response] = {}
    for row in assessments:
        enrolment = starts.get(row.patient_id)
        if enrolment is None or enrolment.index_date is None or row.day < enrolment.index_date:
            continue
        if cohort.data_cut is not None and row.day > cohort.data_cut:
            continue
        response = Response(row.mrecist in RESPONDING, f"assessment {row.pk} v{row.version}")
        found.setdefault(enrolment.pk, response)
    return found
