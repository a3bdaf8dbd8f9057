from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from labs.blood.units import printed
from labs.markers.models import CODE
from labs.revisions import Revision, RevisionQuerySet
from labs.specimens.models import Specimen, SpecimenKind
from registry.log.facts import Fact
from registry.log.recording import StreamKey
from registry.patients.models import patient_streams

ANALYTES = "analyte/"


class Analyte(Fact):
    """What is measured in blood, its one canonical unit and the values that are physically possible."""

    code = models.CharField(_("code"), max_length=20, unique=True, validators=[CODE])
    name = models.CharField(_("name"), max_length=80)
    unit = models.CharField(_("canonical unit"), max_length=30, blank=True)
    loinc = models.CharField(_("LOINC"), max_length=10, blank=True)
    possible_low = models.FloatField(_("lowest possible value"), default=0.0)
    possible_high = models.FloatField(_("highest possible value"))
    usual_low = models.FloatField(_("unusual below"), null=True, blank=True)
    usual_high = models.FloatField(_("unusual above"), null=True, blank=True)
    delta_factor = models.FloatField(
        _("unlikely change (times)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1.01)],
        help_text=_("Asked about when a value moved by more than this factor since the patient's previous draw."),
    )
    # {"negative": ["négatif", …]}: a result in words is stored as its code, never as a number
    words = models.JSONField(_("results in words"), default=dict, blank=True)
    # A LOINC code that a message sends is taken only when the text beside it holds one of the words: devices err.
    loincs = models.JSONField(
        _("LOINC codes taken from messages"),
        default=list,
        blank=True,
        help_text=_('A list, as ["1751-7"]; taken only when the name sent holds one of the words below.'),
    )
    name_words = models.JSONField(_("words of its name"), default=list, blank=True)
    word_units = models.JSONField(
        _("units that a result in words may have"), default=list, blank=True, help_text=_('As [""] for none.')
    )
    kept_of = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="kept_units",
        verbose_name=_("the same as"),
        help_text=_("Set where another unit is kept apart, as no factor leads to it: the two are never mixed."),
    )

    class Meta:
        ordering = ("code",)
        verbose_name = _("analyte")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(possible_low__lt=models.F("possible_high")), name="analyte_limits_in_order"
            )
        ]

    def __str__(self) -> str:
        unit = printed(self.unit)
        return f"{self.name} ({unit})" if unit else self.name

    def clean(self) -> None:
        for name in ("loincs", "name_words", "word_units"):
            if getattr(self, name) is None:  # an empty field of a form
                setattr(self, name, [])
            if not (isinstance(listed := getattr(self, name), list) and all(isinstance(each, str) for each in listed)):
                raise ValidationError({name: _('A list of texts is expected, as ["1751-7"].')})

    def streams(self) -> Iterable[StreamKey]:
        return [(None, f"{ANALYTES}{self.code}")]

    def log_code(self) -> str:
        return self.code


class UnitSpelling(models.Model):
    """A spelling of a unit that senders use for one analyte. Never shared: G/l is giga/L for cells only."""

    analyte = models.ForeignKey(Analyte, on_delete=models.CASCADE, related_name="spellings")
    spelling = models.CharField(_("spelling"), max_length=30, blank=True)
    factor = models.FloatField(_("factor to the canonical unit"))
    is_log10 = models.BooleanField(_("decimal logarithm"), default=False)
    # mmol/L of haemoglobin means the monomer only when the sender says so by this code.
    only_with_loinc = models.CharField(_("only with the LOINC code"), max_length=10, blank=True)

    class Meta:
        ordering = ("analyte", "spelling")
        verbose_name = _("spelling of a unit")
        verbose_name_plural = _("spellings of units")
        constraints = [
            models.UniqueConstraint(fields=["analyte", "spelling"], name="spelling_once_per_analyte"),
            models.CheckConstraint(condition=models.Q(factor__gt=0), name="spelling_factor_positive"),
        ]

    def __str__(self) -> str:
        return self.spelling


class Comparator(models.TextChoices):
    EXACT = "", "="
    LESS = "<", "<"
    LESS_EQUAL = "<=", "≤"
    GREATER = ">", ">"
    GREATER_EQUAL = ">=", "≥"


class Unusual(models.TextChoices):
    """Which soft rule asked about a value that somebody then confirmed."""

    RANGE = "range", _("unusual, confirmed")
    CHANGE = "change", _("changed a lot, confirmed")
    BOTH = "both", _("unusual and changed a lot, confirmed")


class ResultStatus(models.TextChoices):
    """What the laboratory says of a result. A preliminary one is shown, but no analysis takes it."""

    FINAL = "final", _("final")
    PRELIMINARY = "preliminary", _("preliminary")
    CORRECTED = "corrected", _("corrected")
    AMENDED = "amended", _("amended")


class BloodQuerySet(RevisionQuerySet["BloodResult"]):
    def for_analysis(self) -> "BloodQuerySet":
        """The newest revisions that an analysis may take: every reading of values for one goes through here."""
        return self.current().exclude(status=ResultStatus.PRELIMINARY)


class BloodResult(Revision):
    specimen = models.ForeignKey(
        Specimen, on_delete=models.PROTECT, related_name="blood_results", verbose_name=_("draw")
    )
    analyte = models.ForeignKey(
        Analyte, on_delete=models.PROTECT, related_name="blood_results", verbose_name=_("analyte")
    )
    comparator = models.CharField(
        _("comparator"), max_length=2, choices=Comparator.choices, default=Comparator.EXACT, blank=True
    )
    value = models.FloatField(_("value in the canonical unit"), null=True, blank=True)
    coded = models.CharField(_("result in words"), max_length=30, blank=True)
    is_unusual_accepted = models.BooleanField(_("unusual value confirmed"), default=False)
    unusual_by = models.CharField(_("confirmed because"), max_length=6, choices=Unusual.choices, blank=True)
    entered_value = models.CharField(_("value as entered"), max_length=30)
    entered_unit = models.CharField(_("unit as entered"), max_length=30, blank=True)
    status = models.CharField(
        _("status"), max_length=12, choices=ResultStatus.choices, default=ResultStatus.FINAL, editable=False
    )
    # This revision was made by a message, not by a person.
    is_received = models.BooleanField(_("from a message"), default=False, editable=False)

    objects = BloodQuerySet.as_manager()

    class Meta:
        ordering = ("specimen", "analyte__code", "version")
        verbose_name = _("blood result")
        constraints = [
            models.UniqueConstraint(
                fields=["specimen", "analyte"],
                condition=models.Q(supersedes__isnull=True),
                name="blood_result_once_per_draw",
                violation_error_message=_("This draw has a result of this analyte: correct that."),
            ),
            models.CheckConstraint(
                condition=models.Q(value__isnull=False, coded="")
                | (models.Q(value__isnull=True) & ~models.Q(coded="")),
                name="blood_result_number_or_word",
                violation_error_message=_("A result is a number or a word."),
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=ResultStatus.values), name="blood_result_status_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.analyte.code} {self.shown}"

    @property
    def shown(self) -> str:
        if self.value is None:
            return self.coded
        sign = Comparator(self.comparator).label if self.comparator else ""
        return f"{sign}{self.value:.6g} {printed(self.analyte.unit)}".rstrip()

    @property
    def is_preliminary(self) -> bool:
        return self.status == ResultStatus.PRELIMINARY

    def values(self) -> dict[str, Any]:
        said = {"status": self.status} if self.status != ResultStatus.FINAL else {}
        return super().values() | said

    def clean(self) -> None:
        if self.specimen.kind != SpecimenKind.BLOOD:
            raise ValidationError({"specimen": _("A blood result belongs to a blood draw.")})
        if self.value is None:
            return
        low, high = self.analyte.possible_low, self.analyte.possible_high
        if not low <= self.value <= high:
            raise ValidationError(
                {
                    "value": _("%(value)s %(unit)s is impossible for %(name)s (possible: %(low)s to %(high)s).")
                    % {
                        "value": f"{self.value:g}",
                        "unit": printed(self.analyte.unit),
                        "name": self.analyte.name,
                        "low": f"{low:g}",
                        "high": f"{high:g}",
                    }
                }
            )

    def streams(self) -> Iterable[StreamKey]:
        return patient_streams(self.specimen.patient_id, f"blood/{self.analyte.code}")

    def log_code(self) -> str:
        return f"{self.specimen.code} {self.analyte.code}"
