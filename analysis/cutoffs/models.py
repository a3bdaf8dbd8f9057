from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext_lazy as _

from analysis.stats.printing import exact
from registry.cohorts.models import Cohort
from registry.log.facts import Versioned
from registry.log.recording import StreamKey


class Cutoff(Versioned):
    """A cutoff on record; another for the same variable and status is a new number, and the newest counts.

    What was chosen after looking at outcomes is exploratory for ever, and says how it was found.
    """

    class Status(models.TextChoices):
        REGISTERED = "registered", _("registered")
        PUBLISHED = "published", _("published")
        EXPLORATORY = "exploratory", _("exploratory")

    class Method(models.TextChoices):
        MEDIAN = "median", _("median")
        YOUDEN = "youden", _("largest Youden index")
        OPTIMAL = "optimal", _("best of all cutoffs")
        CUSTOM = "custom", _("chosen by hand")

    class Operator(models.TextChoices):
        GREATER = ">", ">"

    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="cutoffs", verbose_name=_("cohort"))
    variable = models.CharField(_("variable"), max_length=60)
    status = models.CharField(_("status"), max_length=12, choices=Status.choices)
    method = models.CharField(_("how it was found"), max_length=12, choices=Method.choices, blank=True)
    number = models.PositiveSmallIntegerField(_("number"), default=1, editable=False)
    value = models.FloatField(_("value"))
    operator = models.CharField(
        _("high means"), max_length=1, choices=Operator.choices, default=Operator.GREATER, editable=False
    )
    source = models.CharField(_("source"), max_length=200)
    declared_by = models.CharField(max_length=150, editable=False)
    declared_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("cohort", "variable", "status", "number")
        verbose_name = _("cutoff")
        constraints = [
            models.UniqueConstraint(fields=["cohort", "variable", "status", "number"], name="cutoff_number_once"),
            models.CheckConstraint(condition=models.Q(operator=">"), name="high_means_above"),
            models.CheckConstraint(
                condition=models.Q(status="exploratory", method__in=["median", "youden", "optimal", "custom"])
                | (~models.Q(status="exploratory") & models.Q(method="")),
                name="exploratory_cutoff_says_its_method",
                violation_error_message=_("An exploratory cutoff says how it was found, and no other does."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.variable} > {exact(self.value)} ({self.get_status_display()})"

    def streams(self) -> Iterable[StreamKey]:
        return [(self.cohort_id, f"cutoff/{self.variable}")]

    def log_code(self) -> str:
        return f"{self.cohort.code}/{self.variable}"
