"""Runs of real-time PCR down to the well. What the instrument wrote is kept; a well is left out, never deleted."""

import hashlib
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from labs.formats.plate import MAX_CQ
from labs.markers.models import Marker
from labs.specimens.models import Specimen, SpecimenKind
from labs.wetlab.models import FoldChange
from registry.log.facts import Fact, FactQuerySet
from registry.log.recording import StreamKey
from registry.patients.simulated import any_simulated

RUNS = "pcr-runs"
TARGETS = "pcr-targets"
BASES = RegexValidator(r"^[ACGTURYSWKMBDHVNacgturyswkmbdhvn ]*\Z", _("Bases only, 5′ to 3′."))


class PcrFile(Fact):
    """The bytes as they were uploaded: the answer to every later question about a run."""

    name = models.CharField(_("file"), max_length=255)
    sha256 = models.CharField(_("SHA-256"), max_length=64, unique=True, editable=False)
    size = models.PositiveIntegerField(_("bytes"), editable=False)
    kind = models.CharField(_("format"), max_length=30)
    content = models.BinaryField(editable=False)
    stored_at = models.DateTimeField(_("stored at"), auto_now_add=True)
    stored_by = models.CharField(_("stored by"), max_length=150, editable=False)

    # Whoever named the file may have named a patient.
    unlogged_values = ("name",)

    class Meta:
        ordering = ("-stored_at",)
        verbose_name = _("PCR file")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if hashlib.sha256(bytes(self.content)).hexdigest() != self.sha256:
            raise ValidationError({"content": _("The bytes do not have this hash.")})

    def values(self) -> dict[str, Any]:
        return super().values() | {"sha256": self.sha256, "size": self.size}

    def streams(self) -> Iterable[StreamKey]:
        return [(None, RUNS)]

    def log_code(self) -> str:
        return self.sha256[:12]


class PcrTarget(Fact):
    """What a target's name in the files means: a marker, a reference gene, or nothing of ours."""

    class Role(models.TextChoices):
        MARKER = "marker", _("marker")
        REFERENCE = "reference", _("reference gene")
        OTHER = "other", _("not used")

    name = models.CharField(_("name in the files"), max_length=120, unique=True)
    role = models.CharField(_("is a"), max_length=10, choices=Role.choices)
    marker = models.ForeignKey(
        Marker, on_delete=models.PROTECT, null=True, blank=True, related_name="pcr_targets", verbose_name=_("marker")
    )
    gene = models.CharField(_("gene"), max_length=20, help_text=_("Symbol, such as ACTB."))
    primer_forward = models.CharField(_("forward primer"), max_length=200, blank=True, validators=[BASES])
    primer_reverse = models.CharField(_("reverse primer"), max_length=200, blank=True, validators=[BASES])
    kit = models.CharField(_("kit"), max_length=120, blank=True, help_text=_("Chemistry, vendor, lot."))
    efficiency = models.FloatField(
        _("amplification factor"),
        default=2.0,
        validators=[MinValueValidator(1.1), MaxValueValidator(2.5)],
        help_text=_("Per cycle: 2 when every copy is doubled. Of a standard curve it is 10^(−1/slope)."),
    )

    class Meta:
        ordering = ("name",)
        verbose_name = _("PCR target")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(role="marker", marker__isnull=False)
                | (~models.Q(role="marker") & models.Q(marker__isnull=True)),
                name="pcr_target_marker",
                violation_error_message=_("Choose the marker for a marker, and none for another target."),
            ),
            models.CheckConstraint(
                condition=models.Q(efficiency__gte=1.1, efficiency__lte=2.5),
                name="pcr_target_efficiency",
                violation_error_message=_("An amplification factor lies between 1.1 and 2.5."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def streams(self) -> Iterable[StreamKey]:
        return [(None, TARGETS)]

    def log_code(self) -> str:
        return self.name


class Outliers(models.TextChoices):
    FLAG = "flag", _("name replicates that differ, use all")
    DROP_FARTHEST = "drop_farthest", _("leave out the farthest of three or more, when the others then agree")


class PcrRun(Fact):
    file = models.ForeignKey(PcrFile, on_delete=models.PROTECT, related_name="runs", verbose_name=_("file"))
    name = models.CharField(_("run"), max_length=255)
    experiment = models.CharField(_("experiment"), max_length=255, blank=True)
    instrument = models.CharField(_("instrument"), max_length=300, blank=True)
    software = models.CharField(_("software"), max_length=300, blank=True)
    protocol = models.CharField(_("protocol"), max_length=255, blank=True)
    run_on = models.DateField(_("run on"), null=True, blank=True)
    outliers = models.CharField(_("outlier rule"), max_length=15, choices=Outliers.choices, default=Outliers.FLAG)
    max_sd = models.FloatField(
        _("SD of replicates at most (cycles)"),
        default=0.5,
        validators=[MinValueValidator(0.01), MaxValueValidator(10)],
    )
    control_margin = models.FloatField(
        _("controls at least this much later than samples (cycles)"),
        default=5.0,
        validators=[MinValueValidator(0), MaxValueValidator(40)],
    )
    reference_run = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="used_by",
        verbose_name=_("reference gene measured in run"),
        help_text=_("Only when the plate itself has no reference gene."),
    )
    is_accepted = models.BooleanField(_("accepted"), default=False)

    unlogged_values = ("name", "experiment")
    objects = FactQuerySet["PcrRun"].as_manager()

    class Meta:
        ordering = ("-run_on", "-pk")
        verbose_name = _("PCR run")
        constraints = [models.UniqueConstraint(fields=["file", "experiment", "name"], name="pcr_run_once")]

    @property
    def is_simulated(self) -> bool:
        specimens = self.wells.filter(specimen__isnull=False)
        return any_simulated(specimens.values_list("specimen__patient_id", flat=True))

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.reference_run_id is not None and self.reference_run_id == self.pk:
            raise ValidationError({"reference_run": _("Leave it empty when the plate has its own reference gene.")})

    def streams(self) -> Iterable[StreamKey]:
        return [(None, RUNS)]

    def log_code(self) -> str:
        return f"PCR {self.file.sha256[:12]}"


class Exclusion(models.TextChoices):
    OUTLIER = "outlier", _("outlying replicate")
    PIPETTING = "pipetting", _("pipetting error")
    CURVE = "curve", _("abnormal amplification curve")
    MELT = "melt", _("melt curve with another product")
    CONTAMINATION = "contamination", _("contamination")
    EVAPORATION = "evaporation", _("evaporation, edge of the plate")
    WRONG_SAMPLE = "wrong_sample", _("wrong sample in the well")
    IN_FILE = "in_file", _("left out in the instrument's file")
    OTHER = "other", _("other, see note")


class Content(models.TextChoices):
    UNKNOWN = "unknown", _("sample")
    NTC = "ntc", _("no template")
    NRT = "nrt", _("no reverse transcriptase")
    NAC = "nac", _("no amplification control")
    STANDARD = "standard", _("standard")
    POSITIVE = "positive", _("positive control")
    NEGATIVE = "negative", _("negative control")
    CALIBRATOR = "calibrator", _("calibrator")
    EMPTY = "empty", _("empty")
    OTHER = "other", _("other")


class PcrWell(Fact):
    """One target in one well. No Ct means that nothing was detected, which is a result and not a gap."""

    run = models.ForeignKey(PcrRun, on_delete=models.PROTECT, related_name="wells", verbose_name=_("run"))
    row = models.PositiveIntegerField(_("row of the file"))
    position = models.CharField(_("well"), max_length=20)
    fluor = models.CharField(_("fluorophore"), max_length=40, blank=True)
    target = models.CharField(_("target in the file"), max_length=120, blank=True)
    content = models.CharField(_("content"), max_length=12, choices=Content.choices)
    content_as_written = models.CharField(_("content in the file"), max_length=40, blank=True)
    sample = models.CharField(_("sample in the file"), max_length=120, blank=True)
    biological_set = models.CharField(_("biological set in the file"), max_length=120, blank=True)
    ct = models.FloatField(_("Ct"), null=True, blank=True)
    ct_mean_in_file = models.FloatField(_("Ct mean in the file"), null=True, blank=True)
    ct_sd_in_file = models.FloatField(_("Ct SD in the file"), null=True, blank=True)
    note = models.CharField(_("note in the file"), max_length=300, blank=True)
    specimen = models.ForeignKey(
        Specimen, on_delete=models.PROTECT, null=True, blank=True, related_name="pcr_wells", verbose_name=_("specimen")
    )
    is_calibrator = models.BooleanField(_("common calibrator"), default=False)
    exclusion = models.CharField(_("left out because"), max_length=15, choices=Exclusion.choices, blank=True)
    exclusion_note = models.CharField(_("note"), max_length=300, blank=True)

    # A sample may carry the name of a patient.
    unlogged_values = ("sample", "biological_set", "note")
    objects = FactQuerySet["PcrWell"].as_manager()

    class Meta:
        ordering = ("run", "row")
        verbose_name = _("PCR well")
        constraints = [
            models.UniqueConstraint(fields=["run", "position", "fluor", "target"], name="pcr_well_once"),
            models.CheckConstraint(
                condition=models.Q(ct__isnull=True) | models.Q(ct__gt=0, ct__lte=MAX_CQ),
                name="pcr_well_ct_range",
                violation_error_message=_("A Ct lies above 0 and is at most 100."),
            ),
            models.CheckConstraint(
                condition=models.Q(is_calibrator=False) | models.Q(specimen__isnull=True),
                name="pcr_well_specimen_or_calibrator",
                violation_error_message=_("A well holds a specimen or the common calibrator."),
            ),
            models.CheckConstraint(
                condition=~models.Q(exclusion="other") | ~models.Q(exclusion_note=""),
                name="pcr_well_other_has_note",
                violation_error_message=_("Say in the note why the well is left out."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.target}"

    def clean(self) -> None:
        if self.specimen is not None and self.specimen.kind == SpecimenKind.BLOOD:
            raise ValidationError({"specimen": _("This is measured in tissue, not in blood.")})

    def streams(self) -> Iterable[StreamKey]:
        """Once fold changes rest on a well, a correction of it concerns them and nothing else."""
        found = {key for fold in folds_on(self) for key in fold.streams()} if self.version > 1 else set()
        return sorted(found, key=str) or [(None, RUNS)]

    def log_code(self) -> str:
        return f"{self.run.log_code()} {self.position} {self.target}"


def folds_on(well: PcrWell) -> list[FoldChange]:
    """The current fold changes that were computed from this well."""
    near = models.Q(run=well.run_id) | models.Q(run__reference_run=well.run_id)
    folds = FoldChange.objects.current().filter(near).select_related("marker", "specimen")
    return [
        fold for fold in folds if any(cite["well"] == well.pk for cite in (fold.computation or {}).get("wells", ()))
    ]
