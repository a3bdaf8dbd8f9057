from collections.abc import Iterable

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from analysis.engine.models import Analysis, Result, Run, StoredFacts, StoredFrame
from registry.cohorts.models import Cohort
from registry.log.facts import Versioned
from registry.log.recording import StreamKey


class Snapshot(Versioned):
    """A cohort's data and answers at one moment, under a name. Append-only by trigger, as are its parts."""

    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="snapshots", verbose_name=_("cohort"))
    name = models.CharField(_("name"), max_length=60)
    purpose = models.CharField(_("purpose"), max_length=300)
    made_by = models.CharField(_("made by"), max_length=150)
    # When the facts were read, not when the row was written.
    taken_at = models.DateTimeField(_("taken"))
    # {"ihc/FAP": 103, …}: every stream of the cohort and those that belong to none
    versions = models.JSONField(editable=False)
    log_head = models.CharField(max_length=64, editable=False)
    # Everybody eligible with every endpoint and every variable that has a value.
    table = models.ForeignKey(StoredFrame, on_delete=models.PROTECT, related_name="snapshots", editable=False)
    facts = models.ForeignKey(StoredFacts, on_delete=models.PROTECT, related_name="snapshots", editable=False)
    software = models.JSONField(editable=False)

    class Meta:
        ordering = ("-id",)
        verbose_name = _("snapshot")
        verbose_name_plural = _("snapshots")
        constraints = [
            models.UniqueConstraint(
                fields=["cohort", "name"],
                name="snapshot_name_once_per_cohort",
                violation_error_message=_("There is a snapshot of this name: names are cited, so none is used twice."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("analysis:snapshot", args=[self.pk])

    def streams(self) -> Iterable[StreamKey]:
        return [(self.cohort_id, "snapshots")]

    def log_code(self) -> str:
        return f"{self.cohort.code}/{self.name}"


class SnapshotResult(models.Model):
    """What an analysis answered at that moment; the result names the frame that it was computed from."""

    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="results")
    analysis = models.ForeignKey(Analysis, on_delete=models.PROTECT, related_name="+")
    result = models.ForeignKey(Result, on_delete=models.PROTECT, related_name="+")
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+")
    # False: facts that it reads had moved already, and whoever made the snapshot accepted that.
    was_fresh = models.BooleanField()

    class Meta:
        ordering = ("snapshot", "analysis__order", "analysis__slug")
        verbose_name = _("result of a snapshot")
        verbose_name_plural = _("results of snapshots")
        constraints = [models.UniqueConstraint(fields=["snapshot", "analysis"], name="snapshot_result_once")]


class SnapshotRetirement(Versioned):
    """Why a snapshot must not be used any more. A row of its own: the snapshot itself may not be touched."""

    snapshot = models.OneToOneField(Snapshot, on_delete=models.PROTECT, related_name="retirement")
    reason = models.CharField(_("reason"), max_length=500)
    retired_by = models.CharField(max_length=150)
    retired_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("retired snapshot")
        verbose_name_plural = _("retired snapshots")

    def streams(self) -> Iterable[StreamKey]:
        return self.snapshot.streams()

    def log_code(self) -> str:
        return self.snapshot.log_code()
