"""Gels down to the band. What the densitometer wrote is kept; a lane is left out, never deleted."""

from collections.abc import Callable, Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from labs.bench_files.models import BenchFile
from labs.markers.models import CODE, Antibody, Marker, refuse_other_antibody
from labs.specimens.models import Specimen, SpecimenKind
from labs.wetlab.models import BlotRatio
from registry.log.facts import Fact, FactQuerySet
from registry.log.recording import StreamKey

GELS = "gels"


class BackgroundMethod(models.TextChoices):
    NONE = "none", _("none: volumes as measured")
    PROGRAM = "program", _("taken off by the program (adjusted volume)")
    LOCAL = "local", _("local: background per pixel × area")
    BLANK_LANE = "blank_lane", _("the same probe in an empty lane")


class WhenSaturated(models.TextChoices):
    REFUSE = "refuse", _("no ratio from a saturated band")
    FLAG = "flag", _("ratio kept and flagged")


class Gel(Fact):
    code = models.CharField(_("gel"), max_length=60, unique=True, validators=[CODE])
    made_on = models.DateField(_("blotted on"), null=True, blank=True)
    percent = models.FloatField(
        _("acrylamide (%)"), null=True, blank=True, validators=[MinValueValidator(3), MaxValueValidator(25)]
    )
    membrane = models.CharField(_("membrane"), max_length=40, blank=True, default="PVDF")
    detection = models.CharField(_("detection"), max_length=60, blank=True, default="ECL")
    background = models.CharField(
        _("background"), max_length=10, choices=BackgroundMethod.choices, default=BackgroundMethod.NONE
    )
    saturated_at = models.FloatField(
        _("a pixel is saturated at"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("255 for images of 8 bits, 65535 for 16; empty: only bands that are marked."),
    )
    when_saturated = models.CharField(
        _("saturated bands"), max_length=6, choices=WhenSaturated.choices, default=WhenSaturated.REFUSE
    )
    image = models.ForeignKey(
        BenchFile, on_delete=models.PROTECT, null=True, blank=True, related_name="gels_shown", verbose_name=_("image")
    )
    is_accepted = models.BooleanField(_("accepted"), default=False)

    objects = FactQuerySet["Gel"].as_manager()

    class Meta:
        ordering = ("-made_on", "-pk")
        verbose_name = _("gel")

    def __str__(self) -> str:
        return self.code

    def streams(self) -> Iterable[StreamKey]:
        return [(None, GELS)]

    def log_code(self) -> str:
        return self.code


class GelProbe(Fact):
    """What was made visible: one antibody on one membrane, and the bands of a file that show it."""

    class Role(models.TextChoices):
        UNKNOWN = "unknown", _("not said yet")
        TARGET = "target", _("target")
        CONTROL = "control", _("loading control")
        OTHER = "other", _("not used")

    gel = models.ForeignKey(Gel, on_delete=models.PROTECT, related_name="probes", verbose_name=_("gel"))
    file = models.ForeignKey(BenchFile, on_delete=models.PROTECT, related_name="probes", verbose_name=_("file"))
    name = models.CharField(_("name in the file"), max_length=120)
    role = models.CharField(_("is a"), max_length=10, choices=Role.choices, default=Role.UNKNOWN)
    marker = models.ForeignKey(
        Marker, on_delete=models.PROTECT, null=True, blank=True, related_name="gel_probes", verbose_name=_("marker")
    )
    antibody = models.ForeignKey(
        Antibody,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="gel_probes",
        verbose_name=_("primary antibody of the target"),
    )
    protein = models.CharField(_("loading control"), max_length=40, blank=True, help_text=_("Such as ACTB."))
    primary_vendor = models.CharField(_("primary antibody of the control, vendor"), max_length=80, blank=True)
    primary_dilution = models.CharField(_("its dilution"), max_length=20, blank=True)
    primary_lot = models.CharField(_("its lot"), max_length=40, blank=True)
    secondary_vendor = models.CharField(_("secondary antibody, vendor"), max_length=80, blank=True)
    secondary_dilution = models.CharField(_("its dilution"), max_length=20, blank=True)
    secondary_lot = models.CharField(_("its lot"), max_length=40, blank=True)

    objects = FactQuerySet["GelProbe"].as_manager()

    class Meta:
        ordering = ("gel", "pk")
        verbose_name = _("probe of a gel")
        verbose_name_plural = _("probes of gels")
        constraints = [
            models.UniqueConstraint(fields=["gel", "file", "name"], name="gel_probe_once"),
            models.CheckConstraint(
                condition=models.Q(role="target", marker__isnull=False)
                | (~models.Q(role="target") & models.Q(marker__isnull=True, antibody__isnull=True)),
                name="gel_probe_target_has_marker",
                violation_error_message=_("A target has a marker, and nothing else has one."),
            ),
            models.CheckConstraint(
                condition=~models.Q(role="control") | ~models.Q(protein=""),
                name="gel_probe_control_is_named",
                violation_error_message=_("Name the loading control, such as ACTB."),
            ),
        ]

    def __str__(self) -> str:
        return self.shown

    @property
    def shown(self) -> str:
        if self.role == self.Role.TARGET and self.marker is not None:
            return self.marker.code
        return self.protein if self.role == self.Role.CONTROL else self.name

    def clean(self) -> None:
        if self.marker is not None:
            refuse_other_antibody(self.antibody, self.marker, Antibody.Method.WESTERN)

    def streams(self) -> Iterable[StreamKey]:
        return _streams_of(self.gel_id, lambda cite: cite["probe"] == self.pk) if self.version > 1 else [(None, GELS)]

    def log_code(self) -> str:
        return f"{self.gel.code} {self.name}"


class LaneExclusion(models.TextChoices):
    BUBBLE = "bubble", _("air bubble or torn gel")
    SMEAR = "smear", _("smear, no distinct band")
    LOADING = "loading", _("uneven loading")
    TRANSFER = "transfer", _("uneven transfer")
    DEGRADED = "degraded", _("degraded sample")
    WRONG_SAMPLE = "wrong_sample", _("wrong sample in the lane")
    OTHER = "other", _("other, see note")


class Lane(Fact):
    class Content(models.TextChoices):
        SAMPLE = "sample", _("sample")
        LADDER = "ladder", _("ladder")
        BLANK = "blank", _("empty lane")

    gel = models.ForeignKey(Gel, on_delete=models.PROTECT, related_name="lanes", verbose_name=_("gel"))
    number = models.PositiveSmallIntegerField(_("number"))
    name = models.CharField(_("lane in the file"), max_length=120)
    sample = models.CharField(_("sample in the file"), max_length=120, blank=True)
    content = models.CharField(_("content"), max_length=10, choices=Content.choices, default=Content.SAMPLE)
    specimen = models.ForeignKey(
        Specimen, on_delete=models.PROTECT, null=True, blank=True, related_name="lanes", verbose_name=_("specimen")
    )
    exclusion = models.CharField(_("left out because"), max_length=15, choices=LaneExclusion.choices, blank=True)
    exclusion_note = models.CharField(_("note"), max_length=300, blank=True)

    # A sample may carry the name of a patient.
    unlogged_values = ("name", "sample", "exclusion_note")
    objects = FactQuerySet["Lane"].as_manager()

    class Meta:
        ordering = ("gel", "number")
        verbose_name = _("lane")
        constraints = [
            models.UniqueConstraint(fields=["gel", "number"], name="lane_number_once"),
            models.CheckConstraint(
                condition=models.Q(content="sample") | models.Q(specimen__isnull=True),
                name="lane_specimen_or_not",
                violation_error_message=_("A ladder and an empty lane hold no specimen."),
            ),
            models.CheckConstraint(
                condition=~models.Q(exclusion="other") | ~models.Q(exclusion_note=""),
                name="lane_other_has_note",
                violation_error_message=_("Say in the note why the lane is left out."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gel.code} {self.number}"

    def clean(self) -> None:
        if self.specimen is not None and self.specimen.kind == SpecimenKind.BLOOD:
            raise ValidationError({"specimen": _("This is measured in tissue, not in blood.")})

    def streams(self) -> Iterable[StreamKey]:
        return _streams_of(self.gel_id, lambda cite: cite["lane"] == self.pk) if self.version > 1 else [(None, GELS)]

    def log_code(self) -> str:
        return str(self)


class Band(Fact):
    """One band of one probe in one lane, in the arbitrary units of the densitometer."""

    lane = models.ForeignKey(Lane, on_delete=models.PROTECT, related_name="bands", verbose_name=_("lane"))
    probe = models.ForeignKey(GelProbe, on_delete=models.PROTECT, related_name="bands", verbose_name=_("probe"))
    row = models.PositiveIntegerField(_("row of the file"))
    number = models.PositiveSmallIntegerField(_("band"))
    volume = models.FloatField(_("volume"), null=True, blank=True)
    adjusted = models.FloatField(_("adjusted volume"), null=True, blank=True)
    background = models.FloatField(_("background per pixel"), null=True, blank=True)
    area = models.FloatField(_("area"), null=True, blank=True, validators=[MinValueValidator(0)])
    greatest = models.FloatField(_("brightest pixel"), null=True, blank=True)
    is_saturated = models.BooleanField(_("saturated"), default=False)

    objects = FactQuerySet["Band"].as_manager()

    class Meta:
        ordering = ("lane", "probe", "number")
        verbose_name = _("band")
        constraints = [
            models.UniqueConstraint(fields=["lane", "probe", "number"], name="band_once"),
            models.CheckConstraint(
                condition=models.Q(volume__isnull=False) | models.Q(adjusted__isnull=False),
                name="band_has_intensity",
                violation_error_message=_("Give the volume or the adjusted volume."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lane} {self.probe} {self.number}"

    def streams(self) -> Iterable[StreamKey]:
        """Once ratios rest on a band, a correction of it concerns them and nothing else."""
        if self.version == 1:
            return [(None, GELS)]
        return _streams_of(self.lane.gel_id, lambda cite: cite["band"] == self.pk)

    def log_code(self) -> str:
        return f"{self.lane} {self.probe.name} {self.number}"


def ratios_of(gel_id: int) -> list[BlotRatio]:
    """The current ratios that were computed from this gel."""
    current = BlotRatio.objects.current().filter(from_gel=gel_id)
    return list(current.select_related("specimen__patient", "marker", "antibody", "from_gel"))


def _streams_of(gel_id: int, is_cited: Callable[[dict[str, Any]], bool]) -> list[StreamKey]:
    found = {
        key
        for ratio in ratios_of(gel_id)
        if any(is_cited(cite) for cite in (ratio.computation or {}).get("bands", ()))
        for key in ratio.streams()
    }
    return sorted(found, key=str) or [(None, GELS)]
