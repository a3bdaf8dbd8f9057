from collections.abc import Iterable
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from analysis.engine.models import Analysis
from registry.log.facts import Fact
from registry.log.recording import StreamKey
from registry.signing.models import Signature
from registry.signing.services import digest_of


class AnalysisPlan(Fact):
    """What was signed before, or after so many looks at, the answer. It is never changed: it is voided or replaced."""

    analysis = models.ForeignKey(Analysis, on_delete=models.PROTECT, related_name="plans", verbose_name=_("analysis"))
    question = models.TextField(_("hypothesis"))
    endpoint = models.CharField(_("endpoint"), max_length=200, blank=True)
    variable = models.TextField(_("variables"), blank=True)
    cutoff_rule = models.CharField(_("cutoff rule"), max_length=400, blank=True)
    test = models.CharField(_("test"), max_length=200)
    alpha = models.FloatField(_("significance threshold"), default=0.05)
    planned_size = models.CharField(_("planned patients, events and looks"), max_length=300)
    kind = models.CharField(_("kind"), max_length=40)
    parameters = models.JSONField(_("parameters"))
    # {"code", "conditions"} of the sub-cohort, None for the whole cohort
    population = models.JSONField(_("sub-cohort"), null=True, blank=True)
    definition_version = models.PositiveIntegerField(_("version of the definition"))
    # How many results of this question there were when it was signed; none makes it a registered plan.
    looks = models.PositiveIntegerField(_("results seen before"))
    signature = models.OneToOneField(Signature, on_delete=models.PROTECT, related_name="+", verbose_name=_("signature"))

    class Meta:
        ordering = ("analysis", "-pk")
        verbose_name = _("analysis plan")
        constraints = [
            models.UniqueConstraint(
                fields=["analysis"], condition=models.Q(retired_reason=""), name="plan_one_standing_per_analysis"
            ),
            models.CheckConstraint(condition=models.Q(alpha__gt=0, alpha__lt=1), name="plan_alpha_is_a_share"),
        ]

    def __str__(self) -> str:
        return f"{self.analysis} plan"

    def streams(self) -> Iterable[StreamKey]:
        return [(self.analysis.cohort_id, "analyses")]

    def log_code(self) -> str:
        return self.analysis.log_code()

    @property
    def is_registered(self) -> bool:
        """Signed before anybody had seen an answer, and not void since."""
        return not self.looks and not self.retired_reason

    def signed_content(self) -> dict[str, Any]:
        return {
            "analysis": self.analysis.log_code(),
            "kind": self.kind,
            "parameters": self.parameters,
            "population": self.population,
            "question": self.question,
            "endpoint": self.endpoint,
            "variable": self.variable,
            "cutoff_rule": self.cutoff_rule,
            "test": self.test,
            "alpha": self.alpha,
            "planned_size": self.planned_size,
            "looks": self.looks,
        }

    @property
    def is_as_signed(self) -> bool:
        """Neither this row nor the definition was changed behind the signature's back."""
        asked = (self.analysis.kind, self.analysis.parameters, population_of(self.analysis))
        as_asked = asked == (self.kind, self.parameters, self.population)
        return digest_of(self.signed_content()) == self.signature.digest and as_asked


def population_of(analysis: Analysis) -> dict[str, Any] | None:
    part = analysis.subcohort
    return {"code": part.code, "conditions": part.conditions} if part else None
