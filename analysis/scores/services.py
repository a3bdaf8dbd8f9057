"""Scores of patients are written in the transaction of their result, by whoever stores it and by nobody else."""

from analysis.engine.models import Result
from analysis.kinds.base import Output, ScoringKind
from analysis.riskmodels.models import RiskModel
from analysis.scores.models import PatientScore
from registry.patients.models import Enrolment

_BATCH = 500


def scores_write(result: Result, kind: ScoringKind, output: Output) -> None:
    """A result that comes back has its scores already."""
    if result.patient_scores.exists() or not (scores := kind.patient_scores(output)):
        return
    asked = output["model"]
    model = RiskModel.objects.get(code=asked["code"], number=asked["number"])
    members = Enrolment.objects.filter(cohort=result.analysis.cohort_id)
    enrolments = dict(members.values_list("patient__study_number", "pk"))
    rows = [
        PatientScore(
            result=result,
            enrolment_id=enrolments[score["patient"]],
            model=model,
            value=score["score"],
            is_high=score["is_high"],
            values=score["values"],
        )
        # Who left between reading and storing: the next run, which is due, leaves this patient out.
        for score in scores
        if score["patient"] in enrolments
    ]
    PatientScore.objects.bulk_create(rows, batch_size=_BATCH)
