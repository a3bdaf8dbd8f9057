from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.clinical.models import Bclc, ChildPugh
from registry.patients.models import EnrolmentFact


class LiverAssessment(EnrolmentFact):
    """Child–Pugh, ALBI and BCLC as computed from their inputs, with what somebody decided instead and why.

    The classes that count are those of the baseline: storing an assessment writes them there in the same transaction.
    """

    domain = "baseline"
    # [{"name": "albumin", "value": 41.0, "unit": "g/L", "comparator": "", "fact": "bloodresult 12 v1", "code": …},
    # …]: what each number was read from; no fact: typed
    inputs = models.JSONField(_("inputs"), default=list)
    points = models.JSONField(_("Child–Pugh points"), default=dict)
    score = models.PositiveSmallIntegerField(_("Child–Pugh score"))
    child_pugh = models.CharField(_("Child–Pugh class as computed"), max_length=1, choices=ChildPugh.choices)
    albi = models.FloatField(_("ALBI score"), null=True, blank=True)
    albi_grade = models.PositiveSmallIntegerField(_("ALBI grade"), null=True, blank=True)
    bclc = models.CharField(_("BCLC as computed"), max_length=1, choices=Bclc.choices, blank=True)
    bclc_reason = models.CharField(_("why this BCLC stage"), max_length=300, blank=True)
    child_pugh_override = models.CharField(
        _("Child–Pugh class as decided"), max_length=1, choices=ChildPugh.choices, blank=True
    )
    child_pugh_why = models.CharField(_("why another Child–Pugh class"), max_length=300, blank=True)
    bclc_override = models.CharField(_("BCLC as decided"), max_length=1, choices=Bclc.choices, blank=True)
    bclc_why = models.CharField(_("why another BCLC stage"), max_length=300, blank=True)

    class Meta:
        default_related_name = "liver_assessments"
        verbose_name = _("liver assessment")
        constraints = [
            models.UniqueConstraint(fields=["enrolment"], name="liver_assessment_once"),
            models.CheckConstraint(condition=models.Q(score__range=(5, 15)), name="liver_score_range"),
            models.CheckConstraint(
                condition=models.Q(child_pugh_override="") | ~models.Q(child_pugh_why=""),
                name="child_pugh_override_has_reason",
                violation_error_message=_("Say why the Child–Pugh class is another than the computed one."),
            ),
            models.CheckConstraint(
                condition=models.Q(bclc_override="") | ~models.Q(bclc_why=""),
                name="bclc_override_has_reason",
                violation_error_message=_("Say why the BCLC stage is another than the computed one."),
            ),
        ]

    def __str__(self) -> str:
        return f"Child–Pugh {self.decided_child_pugh} BCLC {self.decided_bclc or '—'}"

    @property
    def decided_child_pugh(self) -> str:
        return self.child_pugh_override or self.child_pugh

    @property
    def decided_bclc(self) -> str:
        return self.bclc_override or self.bclc
