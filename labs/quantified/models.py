"""What image analysis measured on stains, beside the reads of pathologists and never among them."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from labs.bench_files.models import BenchFile
from labs.ihc.models import CLASSIFIER
from labs.markers.models import Stain
from labs.quantified.patterns import PatternRefused, compiled
from registry.log.facts import Fact, FactQuerySet
from registry.log.recording import StreamKey

QUANTIFIED = "quantified"


class QuPathImport(Fact):
    """One export, with what the file does not say: who scored, by which classifier and script."""

    file = models.OneToOneField(
        BenchFile, on_delete=models.PROTECT, related_name="qupath_import", verbose_name=_("file")
    )
    level = models.CharField(_("level"), max_length=12)
    pattern = models.CharField(_("images are named"), max_length=120, default="{specimen}_{marker}")
    scorer = models.CharField(_("scored by"), max_length=80)
    classifier = models.CharField(_("classifier and its version"), max_length=50)
    script = models.CharField(_("script"), max_length=120, blank=True)

    objects = FactQuerySet["QuPathImport"].as_manager()

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("QuPath import")

    def __str__(self) -> str:
        return f"{CLASSIFIER} {self.file.sha256[:12]}"

    def clean(self) -> None:
        try:
            compiled(self.pattern)
        except PatternRefused as refused:
            raise ValidationError({"pattern": str(refused)}) from refused

    @property
    def reader(self) -> str:
        return f"{CLASSIFIER} {self.classifier}"

    def streams(self) -> Iterable[StreamKey]:
        return [(None, QUANTIFIED)]

    def log_code(self) -> str:
        return str(self)


class Quarantine(models.TextChoices):
    PATTERN = "pattern", _("the image's name does not fit the pattern")
    NO_STAIN = "no_stain", _("no stain of this specimen and marker")
    CONTRADICTION = "contradiction", _("its numbers contradict each other")
    MISSING = "missing", _("marked as missing in QuPath")


class QuPathRow(Fact):
    """One row of an export, on its stain; or in quarantine with the reason, until somebody says where it belongs."""

    qupath_import = models.ForeignKey(
        QuPathImport, on_delete=models.PROTECT, related_name="rows", verbose_name=_("QuPath import")
    )
    row = models.PositiveIntegerField(_("row of the file"))
    image = models.CharField(_("image"), max_length=255)
    name = models.CharField(_("name"), max_length=120, blank=True)
    stain = models.ForeignKey(
        Stain, on_delete=models.PROTECT, null=True, blank=True, related_name="qupath_rows", verbose_name=_("stain")
    )
    quarantine = models.CharField(_("in quarantine because"), max_length=15, choices=Quarantine.choices, blank=True)
    detections = models.FloatField(_("cells"), null=True, blank=True, validators=[MinValueValidator(0)])
    positive = models.FloatField(_("positive cells"), null=True, blank=True, validators=[MinValueValidator(0)])
    negative = models.FloatField(_("negative cells"), null=True, blank=True, validators=[MinValueValidator(0)])
    area_mm2 = models.FloatField(_("area (mm²)"), null=True, blank=True, validators=[MinValueValidator(0)])
    percent = models.FloatField(_("positive (%)"), null=True, blank=True)
    density = models.FloatField(_("positive per mm²"), null=True, blank=True, validators=[MinValueValidator(0)])
    h_score = models.FloatField(
        _("H-score"), null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(300)]
    )

    # Whoever named the image may have named a patient.
    unlogged_values = ("image", "name")
    objects = FactQuerySet["QuPathRow"].as_manager()

    class Meta:
        ordering = ("qupath_import", "row")
        verbose_name = _("row of a QuPath export")
        verbose_name_plural = _("rows of QuPath exports")
        constraints = [
            models.UniqueConstraint(fields=["qupath_import", "row"], name="qupath_row_once"),
            models.CheckConstraint(
                condition=models.Q(stain__isnull=False, quarantine="")
                | (models.Q(stain__isnull=True) & ~models.Q(quarantine="")),
                name="qupath_row_on_a_stain_or_in_quarantine",
                violation_error_message=_("A row is on a stain, or in quarantine with its reason."),
            ),
            models.CheckConstraint(
                condition=models.Q(percent__isnull=True) | models.Q(percent__gte=0, percent__lte=100),
                name="qupath_row_percent_range",
                violation_error_message=_("A percentage lies between 0 and 100."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.qupath_import} {self.row}"

    def streams(self) -> Iterable[StreamKey]:
        return [(None, QUANTIFIED)]

    def log_code(self) -> str:
        return str(self)
