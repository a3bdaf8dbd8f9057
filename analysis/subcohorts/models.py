from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from analysis.frames.variables import VariableNameError
from analysis.subcohorts.conditions import Condition, ConditionError, conditions
from registry.cohorts.models import Cohort
from registry.log.facts import Fact, FactQuerySet
from registry.log.recording import StreamKey


class SubCohort(Fact):
    """A named part of a cohort: who meets every condition. Who that is follows the facts."""

    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="subcohorts", verbose_name=_("cohort"))
    code = models.SlugField(_("short name"), max_length=40)
    name = models.CharField(_("name"), max_length=120)
    # [{"variable", "operator", "bounds"}]
    conditions = models.JSONField(_("conditions"))

    objects = FactQuerySet.as_manager()

    class Meta:
        ordering = ("cohort", "code")
        verbose_name = _("sub-cohort")
        constraints = [models.UniqueConstraint(fields=["cohort", "code"], name="subcohort_code_once_per_cohort")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("analysis:subcohort", args=[self.cohort.code, self.code])

    def clean(self) -> None:
        try:
            conditions(self.conditions if isinstance(self.conditions, list) else [])
        except (ConditionError, VariableNameError) as error:
            raise ValidationError({"conditions": str(error)}) from error

    @property
    def parsed(self) -> tuple[Condition, ...]:
        return conditions(self.conditions)

    @property
    def sentence(self) -> str:
        return "; ".join(condition.sentence for condition in self.parsed)

    @property
    def domain(self) -> str:
        return f"subcohort/{self.code}"

    def domains(self) -> set[str]:
        """Streams of the cohort that decide who belongs."""
        return {self.domain}.union(*(condition.variable.domains() for condition in self.parsed))

    def shared_domains(self) -> set[str]:
        return set().union(*(condition.variable.shared_domains() for condition in self.parsed))

    def as_constant(self) -> dict[str, Any]:
        return {"code": self.code, "name": self.name, "conditions": self.conditions}

    def streams(self) -> Iterable[StreamKey]:
        return [(self.cohort_id, self.domain)]

    def log_code(self) -> str:
        return f"{self.cohort.code}/{self.code}"
