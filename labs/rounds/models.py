import secrets
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from labs.ihc.scoring import NotAssessable
from labs.markers.models import Marker, Scale, Stain
from labs.revisions import Revision, RevisionQuerySet
from registry.cohorts.models import Cohort
from registry.log.facts import Fact
from registry.log.recording import StreamKey
from registry.patients.models import patient_streams


class Order(models.TextChoices):
    BLOCKS = "blocks", _("one marker after the other")
    MIXED = "mixed", _("markers mixed")


class ConsensusRule(models.TextChoices):
    """How a discordant slide is settled; a concordant one always takes the mean of its reads."""

    MEAN = "mean", _("mean of the two reads")
    THIRD = "third", _("third read decides")
    MEDIAN = "median", _("median of three reads")
    JOINT = "joint", _("joint session decides")


# Of a consensus: the reads agree, so that no rule had to settle anything.
CONCORDANT = ("concordant", _("concordant"))


class MeanRounding(models.TextChoices):
    NONE = "none", _("kept as it is")
    LOWER = "lower", _("nearest attainable score, the lower of two equally near")
    HIGHER = "higher", _("nearest attainable score, the higher of two equally near")
    FORBID = "forbid", _("not taken: the slide counts as discordant")


def _percent(label: Any, default: int, highest: int, help_text: Any = "") -> Any:
    return models.PositiveSmallIntegerField(
        label, default=default, validators=[MaxValueValidator(highest)], help_text=help_text
    )


class ReadingProtocol(Fact):
    """How a round is read and settled. A version is never changed: a new one takes the next number."""

    code = models.SlugField(_("code"), max_length=30)
    number = models.PositiveSmallIntegerField(_("version"), editable=False)
    title = models.CharField(_("title"), max_length=120)
    extent_1_upper = models.PositiveSmallIntegerField(_("extent 1 up to (%)"), default=25)
    extent_2_upper = models.PositiveSmallIntegerField(_("extent 2 up to (%)"), default=50)
    extent_3_upper = models.PositiveSmallIntegerField(_("extent 3 up to (%)"), default=75)
    readers = models.PositiveSmallIntegerField(
        _("readers of each slide"), default=2, validators=[MinValueValidator(2), MaxValueValidator(5)]
    )
    order = models.CharField(_("order of the slides"), max_length=10, choices=Order.choices, default=Order.BLOCKS)
    repeat_percent = _percent(
        _("hidden repeats (% of slides)"),
        10,
        50,
        _("Shown again under another code, for intra-observer agreement."),
    )
    washout_days = models.PositiveSmallIntegerField(
        _("washout before a repeat (days)"), default=14, validators=[MaxValueValidator(365)]
    )
    decoy_percent = _percent(
        _("decoys for the third reader (% of the discordant slides)"),
        100,
        300,
        _("Concordant slides among the discordant ones, so that the third reader does not know which is which."),
    )
    intensity_gap = models.PositiveSmallIntegerField(
        _("discordant when intensities differ by"),
        default=2,
        validators=[MinValueValidator(1), MaxValueValidator(3)],
    )
    score_gap = models.PositiveSmallIntegerField(
        _("discordant when scores differ by"), default=3, validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    count_gap_percent = models.PositiveSmallIntegerField(
        _("discordant when counts differ by (% of their mean)"),
        default=30,
        validators=[MinValueValidator(1), MaxValueValidator(200)],
    )
    consensus_rule = models.CharField(
        _("discordant slides"), max_length=10, choices=ConsensusRule.choices, default=ConsensusRule.JOINT
    )
    mean_rounding = models.CharField(
        _("a mean that is no attainable score"), max_length=10, choices=MeanRounding.choices, default=MeanRounding.NONE
    )

    class Meta:
        ordering = ("code", "-number")
        verbose_name = _("reading protocol")
        constraints = [
            models.UniqueConstraint(fields=["code", "number"], name="protocol_version_once"),
            models.CheckConstraint(
                condition=models.Q(
                    extent_1_upper__gte=1,
                    extent_2_upper__gt=models.F("extent_1_upper"),
                    extent_3_upper__gt=models.F("extent_2_upper"),
                    extent_3_upper__lt=100,
                ),
                name="protocol_extents_ascend",
                violation_error_message=_("The extents must ascend, from 1 %% to below 100 %%."),
            ),
            models.CheckConstraint(condition=models.Q(readers__gte=2), name="protocol_two_readers"),
        ]

    def __str__(self) -> str:
        return f"{self.code} v{self.number}"

    @property
    def extent_bins(self) -> dict[int, tuple[int, int]]:
        first, second, third = self.extent_1_upper, self.extent_2_upper, self.extent_3_upper
        return {0: (0, 0), 1: (1, first), 2: (first + 1, second), 3: (second + 1, third), 4: (third + 1, 100)}

    def streams(self) -> Iterable[StreamKey]:
        return [(None, "protocols")]

    def log_code(self) -> str:
        return str(self)


class ProtocolMarker(Fact):
    """A marker that the protocol reads, with the cutoff registered for it before anybody read."""

    protocol = models.ForeignKey(ReadingProtocol, on_delete=models.PROTECT, related_name="markers")
    marker = models.ForeignKey(Marker, on_delete=models.PROTECT, related_name="+", verbose_name=_("marker"))
    cutoff = models.FloatField(_("registered cutoff (high: above it)"), null=True, blank=True)

    class Meta:
        ordering = ("marker__code",)
        verbose_name = _("marker of a protocol")
        constraints = [models.UniqueConstraint(fields=["protocol", "marker"], name="protocol_marker_once")]

    def __str__(self) -> str:
        return f"{self.protocol} {self.marker}"

    def clean(self) -> None:
        if self.marker.scale == Scale.DENSITY:
            raise ValidationError({"marker": _("A density is measured by image analysis: nobody reads it.")})

    def streams(self) -> Iterable[StreamKey]:
        return [(None, "protocols")]

    def log_code(self) -> str:
        return str(self)


class RoundStatus(models.TextChoices):
    DRAFT = "draft", _("in preparation")
    OPEN = "open", _("open")
    ADJUDICATION = "adjudication", _("in adjudication")
    CLOSED = "closed", _("closed")


# What is written while a round is read goes into a stream of the round alone.
ROUNDS = "round/"
# While a round is one of these, its readers are blind to its markers.
BLIND = (RoundStatus.OPEN, RoundStatus.ADJUDICATION)


def new_seed() -> str:
    return secrets.token_hex(16)


class Round(Fact):
    code = models.CharField(
        _("code"),
        max_length=8,
        unique=True,
        validators=[RegexValidator(r"^[A-Z][A-Z0-9]{0,7}\Z", _("A capital letter, then capitals and digits: R2."))],
    )
    title = models.CharField(_("title"), max_length=120, blank=True)
    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="rounds", verbose_name=_("cohort"))
    protocol = models.ForeignKey(
        ReadingProtocol, on_delete=models.PROTECT, related_name="rounds", verbose_name=_("protocol")
    )
    # Blind codes and orders follow from it, so that it stays out of log, page and export.
    seed = models.CharField(max_length=64, default=new_seed)
    status = models.CharField(_("status"), max_length=12, choices=RoundStatus.choices, default=RoundStatus.DRAFT)
    opened_at = models.DateTimeField(_("opened"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    unlogged_values = ("seed",)
    unexported_values = ("seed",)

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("round")
        constraints = [
            models.CheckConstraint(condition=models.Q(status__in=RoundStatus.values), name="round_status_known"),
            models.CheckConstraint(
                condition=models.Q(status="draft") | models.Q(opened_at__isnull=False), name="round_opened_has_time"
            ),
            models.CheckConstraint(
                condition=~models.Q(status="closed") | models.Q(closed_at__isnull=False), name="round_closed_has_time"
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def get_absolute_url(self) -> str:
        return reverse("labs:round", args=[self.code])

    @property
    def is_closed(self) -> bool:
        return self.status == RoundStatus.CLOSED

    @property
    def stream(self) -> StreamKey:
        return (self.cohort_id, f"{ROUNDS}{self.code}")

    def streams(self) -> Iterable[StreamKey]:
        return [self.stream]

    def log_code(self) -> str:
        return self.code


class Duty(models.TextChoices):
    PRIMARY = "primary", _("reader")
    THIRD = "third", _("third reader")


class RoundReader(Fact):
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="readers")
    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reading_duties", verbose_name=_("reader")
    )
    duty = models.CharField(_("duty"), max_length=10, choices=Duty.choices)

    class Meta:
        ordering = ("duty", "pk")
        verbose_name = _("reader of a round")
        constraints = [
            models.UniqueConstraint(
                fields=["round", "reader"],
                name="round_reader_once",
                violation_error_message=_("A reader has one duty in a round."),
            ),
            models.CheckConstraint(condition=models.Q(duty__in=Duty.values), name="round_reader_duty_known"),
        ]

    def __str__(self) -> str:
        return f"{self.round} {self.reader.username}"

    @property
    def stage(self) -> RoundStatus:
        """The state of the round in which this reader reads."""
        return RoundStatus.ADJUDICATION if self.duty == Duty.THIRD else RoundStatus.OPEN

    def streams(self) -> Iterable[StreamKey]:
        return [self.round.stream]

    def log_code(self) -> str:
        return str(self)


class Slide(Fact):
    """A stain in a round under a code that says nothing; a hidden repeat is another slide of the same stain."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="slides")
    stain = models.ForeignKey(Stain, on_delete=models.PROTECT, related_name="slides")
    code = models.CharField(_("blind code"), max_length=16, unique=True)
    repeats = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="repeated_as")

    class Meta:
        ordering = ("code",)
        verbose_name = _("slide")
        constraints = [
            models.UniqueConstraint(
                fields=["round", "stain"], condition=models.Q(repeats__isnull=True), name="slide_once_per_round"
            ),
            models.UniqueConstraint(
                fields=["repeats"], condition=models.Q(repeats__isnull=False), name="slide_repeated_once"
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def streams(self) -> Iterable[StreamKey]:
        return [self.round.stream]

    def log_code(self) -> str:
        return self.code


class Purpose(models.TextChoices):
    PRIMARY = "primary", _("read")
    THIRD = "third", _("third read")
    DECOY = "decoy", _("decoy")


class Assignment(models.Model):
    """A slide in one reader's queue, with what the reader has typed and not saved. No fact: nothing is judged here."""

    slide = models.ForeignKey(Slide, on_delete=models.PROTECT, related_name="assignments")
    round_reader = models.ForeignKey(RoundReader, on_delete=models.PROTECT, related_name="assignments")
    position = models.PositiveIntegerField()
    purpose = models.CharField(max_length=10, choices=Purpose.choices, default=Purpose.PRIMARY)
    draft = models.JSONField(default=dict, blank=True)
    draft_version = models.PositiveIntegerField(default=0)

    # What somebody typed and did not stand by.
    unexported_values = ("draft", "draft_version")

    class Meta:
        ordering = ("round_reader", "position")
        constraints = [
            models.UniqueConstraint(fields=["slide", "round_reader"], name="assignment_once"),
            models.UniqueConstraint(fields=["round_reader", "position"], name="assignment_position_once"),
        ]

    def __str__(self) -> str:
        return f"{self.round_reader} {self.position}"


class Consensus(Revision):
    """What a slide of record counts as: the value, the rule that made it, and the very reads it rests on."""

    slide = models.ForeignKey(Slide, on_delete=models.PROTECT, related_name="consensus", verbose_name=_("slide"))
    rule = models.CharField(_("rule"), max_length=12, choices=[*ConsensusRule.choices, CONCORDANT])
    value = models.FloatField(_("value"), null=True, blank=True)
    not_assessable = models.CharField(
        _("not assessable because"), max_length=12, blank=True, choices=NotAssessable.choices
    )
    # What a joint session judged; empty where the value follows from reads.
    intensity = models.PositiveSmallIntegerField(_("intensity"), null=True, blank=True)
    percent = models.PositiveSmallIntegerField(_("positive cells (%)"), null=True, blank=True)
    extent = models.PositiveSmallIntegerField(_("extent"), null=True, blank=True)
    field_counts = models.JSONField(_("positive cells per field"), null=True, blank=True)
    # [[read, version], …]
    cites = models.JSONField(_("reads"))
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    objects = RevisionQuerySet["Consensus"].as_manager()

    class Meta:
        ordering = ("slide", "version")
        verbose_name = _("consensus")
        verbose_name_plural = _("consensus values")
        constraints = [
            models.UniqueConstraint(
                fields=["slide"], condition=models.Q(supersedes__isnull=True), name="consensus_once_per_slide"
            ),
            models.CheckConstraint(
                condition=models.Q(value__isnull=False, not_assessable="")
                | (models.Q(value__isnull=True) & ~models.Q(not_assessable="")),
                name="consensus_value_or_not_assessable",
            ),
            models.CheckConstraint(
                condition=models.Q(intensity__isnull=True) | models.Q(value=models.F("intensity") * models.F("extent")),
                name="consensus_score_is_the_product",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slide} {self.value}"

    def clean(self) -> None:
        if self.slide.repeats_id is not None:
            raise ValidationError({"slide": _("A hidden repeat has no consensus: its original has.")})

    def streams(self) -> Iterable[StreamKey]:
        return slide_streams(self.slide)

    def log_code(self) -> str:
        return self.slide.code


def slide_streams(slide: Slide) -> list[StreamKey]:
    """Of an open round nothing feeds an analysis; of a closed one a correction reaches those that read the marker."""
    if slide.round.status != RoundStatus.CLOSED:
        return [slide.round.stream]
    stain = slide.stain
    return [slide.round.stream, *patient_streams(stain.specimen.patient_id, f"ihc/{stain.marker.code}")]
