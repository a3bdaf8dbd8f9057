from collections.abc import Iterable

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from analysis.engine.models import Analysis, Movement, Run
from registry.log.facts import Versioned
from registry.log.recording import StreamKey


class Alert(Versioned):
    """A conclusion turned, or a run failed where a good result stands; made with what causes it."""

    class Level(models.TextChoices):
        CONCLUSION = "conclusion", _("conclusion changed")
        RANKING = "ranking", _("ranking changed")
        FAILURE = "failure", _("run failed")

    analysis = models.ForeignKey(
        Analysis, on_delete=models.PROTECT, related_name="alerts", editable=False, verbose_name=_("analysis")
    )
    movement = models.ForeignKey(
        Movement, on_delete=models.PROTECT, related_name="alerts", null=True, editable=False, blank=True
    )
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="alerts", null=True, editable=False, blank=True)
    level = models.CharField(_("level"), max_length=12, choices=Level.choices, editable=False)
    sentence = models.TextField(_("what happened"), editable=False)
    # claim → verdict before, of the verdicts that turned; of a ranking: what is ranked → who led before
    before = models.JSONField(default=dict, editable=False)
    at = models.DateTimeField(_("raised"), auto_now_add=True)
    acknowledged_at = models.DateTimeField(_("acknowledged"), null=True, editable=False)
    acknowledged_by = models.CharField(max_length=150, blank=True, editable=False)
    comment = models.CharField(_("comment"), max_length=500, blank=True)
    closed_at = models.DateTimeField(null=True, editable=False)
    closed_note = models.CharField(max_length=500, blank=True, editable=False)
    mailed_at = models.DateTimeField(null=True, editable=False)
    closing_mailed_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ("-id",)
        verbose_name = _("alert")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(level__in=["conclusion", "ranking", "failure"]), name="alert_level_known"
            ),
            models.CheckConstraint(
                condition=models.Q(level="failure", run__isnull=False, movement__isnull=True)
                | (~models.Q(level="failure") & models.Q(run__isnull=True, movement__isnull=False)),
                name="alert_has_one_cause",
            ),
            models.CheckConstraint(
                condition=models.Q(acknowledged_at__isnull=True, acknowledged_by="", comment="")
                | (models.Q(acknowledged_at__isnull=False) & ~models.Q(acknowledged_by="") & ~models.Q(comment="")),
                name="alert_acknowledged_with_a_comment",
            ),
            models.CheckConstraint(
                condition=models.Q(closed_at__isnull=True, closed_note="")
                | (models.Q(closed_at__isnull=False) & ~models.Q(closed_note="")),
                name="alert_closed_with_a_note",
            ),
            models.UniqueConstraint(fields=["movement", "level"], name="alert_once_per_movement_and_level"),
        ]
        indexes = [
            models.Index(
                fields=["analysis"],
                condition=models.Q(acknowledged_at__isnull=True, closed_at__isnull=True),
                name="alert_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.analysis}: {self.sentence}"

    def get_absolute_url(self) -> str:
        """Where the cause can be looked at."""
        if self.movement is None or self.movement.before is None:
            return self.analysis.get_absolute_url()
        page = reverse("analysis:analysis-diff", args=[self.analysis.cohort.code, self.analysis.slug])
        return f"{page}?from={self.movement.before.look}&to={self.movement.after.look}"

    def streams(self) -> Iterable[StreamKey]:
        return [(self.analysis.cohort_id, "analyses")]

    def log_code(self) -> str:
        return f"{self.analysis.log_code()} {self.pk}"

    @property
    def state(self) -> str:
        if self.closed_at:
            return "closed"
        return "acknowledged" if self.acknowledged_at else "open"

    @property
    def is_open(self) -> bool:
        return self.state == "open"

    @property
    def run_number(self) -> int | None:
        """The run whose numbers the sentence tells, or that failed."""
        if self.movement is None:
            return self.run_id
        return self.movement.after.runs.order_by("-pk").values_list("pk", flat=True).first()
