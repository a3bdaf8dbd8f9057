import json
import zlib
from collections.abc import Iterable
from typing import Any, Self

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from analysis.subcohorts.models import SubCohort
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


class AnalysisQuerySet(models.QuerySet["Analysis"]):
    def in_use(self) -> Self:
        """A retired question keeps its answers on its own page; nobody asks it any more."""
        return self.filter(retired_reason="")

    def asked(self) -> Self:
        """Those that workers compute: not retired, and not kept until a plan is signed."""
        return self.in_use().filter(waits_for_plan=False)


class Analysis(Versioned):
    """What is asked of which cohort. Whether its answer still stands is a comparison of versions, never a flag."""

    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="analyses", verbose_name=_("cohort"))
    # None: of everybody in the cohort.
    subcohort = models.ForeignKey(
        SubCohort,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="analyses",
        verbose_name=_("sub-cohort"),
    )
    slug = models.SlugField(_("short name"), max_length=60)
    title = models.CharField(_("title"), max_length=160)
    kind = models.CharField(_("kind"), max_length=40)
    parameters = models.JSONField(_("parameters"))
    is_registered = models.BooleanField(_("registered"), default=False)
    # No outcome is joined to it before its plan is signed.
    waits_for_plan = models.BooleanField(_("computed only after its plan is signed"), default=False)
    retired_reason = models.CharField(_("retired because"), max_length=500, blank=True, editable=False)
    # Who defined it, as the log names people; empty for a mapping or a command.
    owner_id = models.CharField(max_length=64, blank=True, editable=False)
    owner_name = models.CharField(_("owner"), max_length=150, blank=True, editable=False)
    order = models.PositiveSmallIntegerField(_("order"), default=100)
    current = models.ForeignKey(
        "analysis.Result", on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    claimed_by = models.CharField(max_length=100, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)

    objects = AnalysisQuerySet.as_manager()

    class Meta:
        ordering = ("cohort", "order", "slug")
        verbose_name = _("analysis")
        verbose_name_plural = _("analyses")
        constraints = [models.UniqueConstraint(fields=["cohort", "slug"], name="analysis_slug_once_per_cohort")]

    def __str__(self) -> str:
        return self.title

    @property
    def full_title(self) -> str:
        """With the sub-cohort that it is about: away from its own page no number of a part passes for one of all."""
        if self.subcohort is None or self.subcohort.name in self.title:
            return self.title
        return f"{self.title}, {self.subcohort.name}"

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
    # The version at which the last run failed or was cancelled: the same data are not tried again by themselves.
    failed_version = models.PositiveBigIntegerField(null=True)
    # The version that a run in parts is under way for.
    parts_version = models.PositiveBigIntegerField(null=True)

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
    # The p below which the headline's verdicts hold, and the look of a spending plan that gave it; "" without a plan.
    threshold = models.FloatField(default=0.05)
    spending = models.TextField(default="", blank=True)
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
    def spending_values(self) -> dict[str, Any] | None:
        return dict(json.loads(self.spending)) if self.spending else None

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
        CANCELLED = "cancelled", _("cancelled")
        OVERTAKEN = "overtaken", _("overtaken by newer data")

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
                condition=models.Q(
                    state__in=["running", "done", "unchanged", "failed", "lost", "cancelled", "overtaken"]
                ),
                name="run_state_known",
            )
        ]


class PartedRun(models.Model):
    """A heavy run handed out in parts: what they are computed from, so that any worker can take any of them."""

    run = models.OneToOneField(Run, on_delete=models.PROTECT, primary_key=True, related_name="parted")
    frame = models.ForeignKey(StoredFrame, on_delete=models.PROTECT, related_name="+")
    parameters = models.TextField()
    kind_version = models.PositiveIntegerField()


class RunPart(models.Model):
    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")

    parted = models.ForeignKey(PartedRun, on_delete=models.PROTECT, related_name="parts")
    index = models.PositiveIntegerField()
    seed = models.PositiveBigIntegerField()
    # what the kind told this part, with the seed
    told = models.JSONField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_by = models.CharField(max_length=100, blank=True)
    lease_until = models.DateTimeField(null=True)
    output = models.TextField(blank=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("parted", "index")
        constraints = [
            models.UniqueConstraint(fields=["parted", "index"], name="run_part_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "running", "done"]), name="run_part_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state="done", finished_at__isnull=False)
                | (~models.Q(state="done") & models.Q(output="", finished_at__isnull=True)),
                name="run_part_has_output_when_done",
            ),
        ]
        indexes = [
            models.Index(fields=["parted", "index"], condition=~models.Q(state="done"), name="run_part_open"),
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


class Worker(models.Model):
    """A worker's sign of life, written by itself: not through the broker, and also while it computes for hours."""

    # host:process
    name = models.CharField(max_length=80, primary_key=True)
    # separated by commas, with one at either end: ,live,heavy,
    queues = models.CharField(max_length=200)
    started_at = models.DateTimeField()
    at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("name",)

    @property
    def queue_names(self) -> list[str]:
        return [name for name in self.queues.split(",") if name]


class Beat(models.Model):
    """When a scheduled job last ran."""

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()
