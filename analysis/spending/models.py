from collections.abc import Iterable

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from analysis.engine.models import Analysis
from analysis.spending.looks import Plan
from analysis.stats.alpha_spending import OBRIEN_FLEMING, POCOCK
from registry.log.facts import Versioned
from registry.log.recording import StreamKey

MOST_LOOKS = 100


class SpendingPlan(Versioned):
    """How alpha is spent over the looks of a registered analysis. Never changed: another plan is another version."""

    class Method(models.TextChoices):
        OBRIEN_FLEMING = OBRIEN_FLEMING, _("O'Brien–Fleming: little at first")
        POCOCK = POCOCK, _("Pocock: evenly")

    analysis = models.ForeignKey(Analysis, on_delete=models.PROTECT, related_name="spending_plans")
    number = models.PositiveSmallIntegerField(_("version"), editable=False)
    method = models.CharField(_("spending function"), max_length=20, choices=Method.choices)
    alpha = models.FloatField(
        _("total alpha, two-sided"), validators=[MinValueValidator(0.0001), MaxValueValidator(0.2)]
    )
    information = models.PositiveIntegerField(_("planned events"), validators=[MinValueValidator(1)])
    max_looks = models.PositiveSmallIntegerField(
        _("largest number of looks"), validators=[MinValueValidator(1), MaxValueValidator(MOST_LOOKS)]
    )
    # The first look that it judges: what was seen before was judged otherwise and stays so.
    from_look = models.PositiveIntegerField(editable=False)
    reason = models.CharField(_("reason"), max_length=500)
    declared_by = models.CharField(max_length=150, editable=False)
    declared_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("analysis", "number")
        verbose_name = _("spending plan")
        constraints = [
            models.UniqueConstraint(fields=["analysis", "number"], name="spending_plan_version_once"),
            models.CheckConstraint(condition=models.Q(alpha__gt=0, alpha__lt=1), name="spending_alpha_is_a_share"),
            models.CheckConstraint(
                condition=models.Q(information__gte=1, max_looks__gte=1), name="spending_plan_has_looks"
            ),
            models.CheckConstraint(
                condition=models.Q(method__in=[OBRIEN_FLEMING, POCOCK]), name="spending_method_known"
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="spending_plan_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.get_method_display()}, {self.information}"

    def streams(self) -> Iterable[StreamKey]:
        return [(self.analysis.cohort_id, "analyses")]

    def log_code(self) -> str:
        return self.analysis.log_code()

    @property
    def plan(self) -> Plan:
        return Plan(self.method, self.alpha, self.information, self.max_looks)
