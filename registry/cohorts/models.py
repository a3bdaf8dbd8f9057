from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from registry.log.facts import Fact
from registry.log.recording import StreamKey
from registry.people.models import Site


class IndexEvent(models.TextChoices):
    RESECTION = "resection", _("Resection")
    FIRST_ICI = "first_ici", _("First dose of an immune-checkpoint inhibitor")
    DIAGNOSIS = "diagnosis", _("Diagnosis")


class Cohort(Fact):
    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=160)
    description = models.TextField(_("description"), blank=True)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="cohorts", verbose_name=_("site"))
    index_event = models.CharField(_("index event"), max_length=20, choices=IndexEvent.choices)
    data_cut = models.DateField(_("data cut"), null=True, blank=True, help_text=_("Later facts are not analysed."))
    early_recurrence_months = models.FloatField(
        _("early recurrence before (months)"), default=24.0, validators=[MinValueValidator(0.1)]
    )
    follow_up_months = models.PositiveSmallIntegerField(_("follow-up every (months)"), default=3)
    is_simulated = models.BooleanField(_("simulated data"), default=False)

    class Meta:
        ordering = ("code",)
        verbose_name = _("cohort")
        constraints = [
            models.CheckConstraint(condition=models.Q(index_event__in=IndexEvent.values), name="cohort_index_event"),
            models.CheckConstraint(condition=models.Q(early_recurrence_months__gt=0), name="cohort_early_positive"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("registry:cohort", args=[self.code])

    def streams(self) -> Iterable[StreamKey]:
        return [(self.pk, "definition")]

    def log_code(self) -> str:
        return self.code


class EventKind(models.TextChoices):
    RECURRENCE = "recurrence", _("Recurrence")
    PROGRESSION = "progression", _("Progression")
    DEATH = "death", _("Death")


class Endpoint(Fact):
    """What counts as an event, counted from the cohort's index event."""

    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="endpoints", verbose_name=_("cohort"))
    code = models.CharField(_("code"), max_length=10)
    name = models.CharField(_("name"), max_length=80)
    event_kinds = models.JSONField(_("events"), help_text=_("Any of recurrence, progression, death."))

    class Meta:
        ordering = ("cohort", "code")
        verbose_name = _("endpoint")
        constraints = [models.UniqueConstraint(fields=["cohort", "code"], name="endpoint_once_per_cohort")]

    def __str__(self) -> str:
        return self.code

    def clean(self) -> None:
        kinds = self.event_kinds
        if not isinstance(kinds, list) or not kinds or not set(kinds) <= set(EventKind.values):
            raise ValidationError({"event_kinds": _("Give at least one of recurrence, progression, death.")})

    def streams(self) -> Iterable[StreamKey]:
        return [(self.cohort_id, "definition")]

    def log_code(self) -> str:
        return f"{self.cohort.code}/{self.code}"


class EligibilityRule(Fact):
    """One inclusion or exclusion criterion of a cohort, evaluated over the baseline facts of an enrolment."""

    class Kind(models.TextChoices):
        INCLUDE = "include", _("Inclusion")
        EXCLUDE = "exclude", _("Exclusion")

    class Operator(models.TextChoices):
        BETWEEN = "between", _("between (both included)")
        IS_TRUE = "is_true", _("is yes")
        IS_IN = "is_in", _("is one of")

    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="rules", verbose_name=_("cohort"))
    order = models.PositiveSmallIntegerField(_("order"), default=1)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    text = models.CharField(_("criterion"), max_length=200)
    variable = models.CharField(_("variable"), max_length=60)
    operator = models.CharField(_("operator"), max_length=10, choices=Operator.choices)
    bounds = models.JSONField(_("values"), default=list, blank=True)

    class Meta:
        ordering = ("cohort", "order")
        verbose_name = _("eligibility rule")
        constraints = [
            models.UniqueConstraint(fields=["cohort", "text"], name="rule_once_per_cohort"),
            models.CheckConstraint(condition=models.Q(kind__in=["include", "exclude"]), name="rule_kind_known"),
        ]

    def __str__(self) -> str:
        return self.text

    def clean(self) -> None:
        if self.operator == self.Operator.BETWEEN and not _is_range(self.bounds):
            raise ValidationError({"bounds": _("Give the lowest and the highest value, e.g. [18, 80].")})
        if self.operator == self.Operator.IS_IN and not self.bounds:
            raise ValidationError({"bounds": _("Give at least one value.")})

    def streams(self) -> Iterable[StreamKey]:
        return [(self.cohort_id, "definition")]

    def log_code(self) -> str:
        return f"{self.cohort.code}/{self.text[:40]}"


def _is_range(bounds: object) -> bool:
    """[low, high], either of them null when that side is open."""
    if not isinstance(bounds, list) or len(bounds) != 2 or bounds == [None, None]:
        return False
    numbers = [value for value in bounds if value is not None]
    return all(isinstance(value, int | float) for value in numbers) and numbers == sorted(numbers)
