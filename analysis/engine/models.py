import json
import zlib
from collections.abc import Iterable
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from registry.cohorts.models import Cohort
from registry.log.facts import Versioned
from registry.log.models import Stream
from registry.log.recording import StreamKey


class Stored(models.Model):
    """Canonical bytes, kept once under their hash."""

    fingerprint = models.CharField(max_length=64, primary_key=True)
    packed = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True

    @staticmethod
    def pack(content: bytes) -> bytes:
        return zlib.compress(content)

    @property
    def content(self) -> bytes:
        return zlib.decompress(bytes(self.packed))


class StoredFrame(Stored):
    """The table that results were computed from."""

    rows = models.PositiveIntegerField()


class StoredFacts(Stored):
    """Which rows of the database each number of a frame was taken from: [[patient, column, [fact, …]], …]."""

    class Meta:
        verbose_name_plural = _("stored facts")


class Analysis(Versioned):
    """What is asked of which cohort. Whether its answer still stands is a comparison of versions, never a flag."""

    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="analyses", verbose_name=_("cohort"))
    slug = models.SlugField(_("short name"), max_length=60)
    title = models.CharField(_("title"), max_length=160)
    kind = models.CharField(_("kind"), max_length=40)
    parameters = models.JSONField(_("parameters"))
    is_registered = models.BooleanField(_("registered"), default=False)
    order = models.PositiveSmallIntegerField(_("order"), default=100)
    current = models.ForeignKey(
        "analysis.Result", on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    claimed_by = models.CharField(max_length=100, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ("cohort", "order", "slug")
        verbose_name = _("analysis")
        verbose_name_plural = _("analyses")
        constraints = [models.UniqueConstraint(fields=["cohort", "slug"], name="analysis_slug_once_per_cohort")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("analysis:analysis", args=[self.cohort.code, self.slug])

    def streams(self) -> Iterable[StreamKey]:
        return [(self.cohort_id, "analyses")]

    def log_code(self) -> str:
        return f"{self.cohort.code}/{self.slug}"


class AnalysisInput(models.Model):
    """A stream that an analysis reads, with the version that its current result was computed at."""

    analysis = models.ForeignKey(Analysis, on_delete=models.CASCADE, related_name="inputs")
    stream = models.ForeignKey(Stream, on_delete=models.PROTECT, related_name="readers")
    computed_version = models.PositiveBigIntegerField(null=True)
    # The version at which the last run failed: the same data would only fail again.
    failed_version = models.PositiveBigIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["analysis", "stream"], name="analysis_reads_stream_once")]


class Result(models.Model):
    """What a kind computed from one frame with one set of parameters. Its identity is exactly that."""

    analysis = models.ForeignKey(Analysis, on_delete=models.PROTECT, related_name="results")
    look = models.PositiveIntegerField()
    # Of the analysis at that time: its definition may ask for another kind since.
    kind = models.CharField(max_length=40)
    frame = models.ForeignKey(StoredFrame, on_delete=models.PROTECT, related_name="results")
    parameters = models.TextField()
    kind_version = models.PositiveIntegerField()
    output = models.TextField()
    headline = models.TextField()
    provenance = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("analysis", "look")
        constraints = [
            models.UniqueConstraint(
                fields=["analysis", "frame", "parameters", "kind", "kind_version"], name="result_once_per_identity"
            ),
            models.UniqueConstraint(fields=["analysis", "look"], name="result_look_once"),
        ]

    @property
    def output_values(self) -> dict[str, Any]:
        return dict(json.loads(self.output))

    @property
    def parameter_values(self) -> dict[str, Any]:
        return dict(json.loads(self.parameters))

    @property
    def claims(self) -> list[dict[str, Any]]:
        return list(json.loads(self.headline))

    @property
    def provenance_values(self) -> dict[str, Any]:
        return dict(json.loads(self.provenance))


class Run(models.Model):
    class State(models.TextChoices):
        RUNNING = "running", _("running")
        DONE = "done", _("new result")
        UNCHANGED = "unchanged", _("nothing changed")
        FAILED = "failed", _("failed")
        LOST = "lost", _("lost with its worker")

    analysis = models.ForeignKey(Analysis, on_delete=models.PROTECT, related_name="runs")
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    trigger = models.CharField(max_length=20)
    worker = models.CharField(max_length=100)
    # {"ihc/FAP": 103, …}: what the frame was read at
    versions = models.JSONField(default=dict)
    result = models.ForeignKey(Result, on_delete=models.PROTECT, null=True, related_name="runs")
    facts = models.ForeignKey(StoredFacts, on_delete=models.PROTECT, null=True, related_name="runs")
    error = models.CharField(max_length=500, blank=True)
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        indexes = [models.Index(fields=["analysis", "-id"], name="run_by_analysis")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["running", "done", "unchanged", "failed", "lost"]), name="run_state_known"
            )
        ]


class Movement(models.Model):
    """The passage of an analysis from one result to the next: what moved, and which changes lie between."""

    analysis = models.ForeignKey(Analysis, on_delete=models.PROTECT, related_name="movements")
    before = models.ForeignKey(Result, on_delete=models.PROTECT, null=True, related_name="+")
    after = models.ForeignKey(Result, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    # [{"name", "label", "before", "after", "moved", "flipped"}]
    claims = models.JSONField(default=list)
    # [{"domain", "after_version", "up_to_version", "subjects": [...]}]
    causes = models.JSONField(default=list)
    is_flip = models.BooleanField(default=False)

    class Meta:
        ordering = ("-id",)
        indexes = [models.Index(fields=["analysis", "-id"], name="movement_by_analysis")]


class Beat(models.Model):
    """When a scheduled job last ran."""

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()
