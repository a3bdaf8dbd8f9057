from django.db import models
from django.utils.translation import gettext_lazy as _

from analysis.engine.models import Result
from analysis.riskmodels.models import RiskModel
from registry.patients.models import Enrolment


class PatientScore(models.Model):
    """What a registered model says of one patient, written with the result that it is of and never changed.

    Those of the present result of an analysis are the present ones; where they come from, the result knows.
    """

    result = models.ForeignKey(Result, on_delete=models.PROTECT, related_name="patient_scores")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="scores")
    model = models.ForeignKey(RiskModel, on_delete=models.PROTECT, related_name="patient_scores")
    value = models.FloatField(_("score"))
    # Above the cutoff of the model; None where it has none.
    is_high = models.BooleanField(_("high"), null=True)
    # term → value, in the unit of the term
    values = models.JSONField(_("values"))

    class Meta:
        ordering = ("result", "enrolment")
        verbose_name = _("score of a patient")
        verbose_name_plural = _("scores of patients")
        constraints = [models.UniqueConstraint(fields=["result", "enrolment"], name="patient_score_once_per_result")]
