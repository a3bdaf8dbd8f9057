from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext_lazy as _

from analysis.engine.models import Run
from registry.log.facts import Versioned
from registry.log.recording import StreamKey


class Verdict(models.TextChoices):
    """How a stored result and its computation from the stored rows compare; the first reason that explains it."""

    EQUAL = "equal", _("the same to the byte")
    TAMPERED = "tampered", _("the stored rows are not those of their hash")
    METHOD = "method", _("another version of the method")
    SOFTWARE = "software", _("other versions of the software")
    UNEXPLAINED = "unexplained", _("not explained")
    FAILED = "failed", _("could not be computed")


class Reexecution(Versioned):
    """A stored result computed once more from its stored rows, because somebody asked."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting for a worker")
        DONE = "done", _("done")

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="reexecutions")
    requested_by = models.CharField(max_length=150)
    requested_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    # Whose worker died is taken up again once the lease has run out.
    lease_until = models.DateTimeField(null=True, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)
    verdict = models.CharField(max_length=20, choices=Verdict.choices, blank=True)
    # {"stored_hash", "hash", "rows_hash", "kind_version", "software": {…}, "moved_software": […],
    #  "differences": [{"path", "stored", "now"}], "more", "error"}
    findings = models.JSONField(default=dict, editable=False)

    class Meta:
        ordering = ("-id",)
        verbose_name = _("re-execution")
        verbose_name_plural = _("re-executions")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="waiting", verdict="") | models.Q(state="done", verdict__in=Verdict.values),
                name="reexecution_done_with_verdict",
            ),
            models.UniqueConstraint(
                fields=["run"], condition=models.Q(state="waiting"), name="reexecution_waits_once_per_run"
            ),
        ]

    def streams(self) -> Iterable[StreamKey]:
        return [(self.run.analysis.cohort_id, "analyses")]

    def log_code(self) -> str:
        return f"{self.run.analysis.log_code()} run {self.run_id}"


class Verification(models.Model):
    """One pass over stored results: which of them still reproduce."""

    # Empty: of every cohort.
    cohort_code = models.CharField(max_length=40, blank=True)
    is_of_all = models.BooleanField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    results = models.PositiveIntegerField()
    frames = models.PositiveIntegerField()
    equal = models.PositiveIntegerField()
    explained = models.PositiveIntegerField()
    # Results that differ without an explanation and rows that are not those of their hash.
    faults = models.PositiveIntegerField()
    # [{"run", "analysis", "verdict", …}] of what is not equal
    details = models.JSONField(default=list)

    class Meta:
        ordering = ("-id",)
        verbose_name = _("verification of results")
        verbose_name_plural = _("verifications of results")

    @property
    def is_well(self) -> bool:
        return self.faults == 0
