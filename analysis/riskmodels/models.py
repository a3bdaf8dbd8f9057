from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.log.facts import Versioned
from registry.log.recording import StreamKey


class RiskModel(Versioned):
    """A registered score: coefficients that are only valid for values in one unit. A version is never changed."""

    code = models.SlugField(_("code"), max_length=40)
    number = models.PositiveSmallIntegerField(_("version"), default=1)
    title = models.CharField(_("title"), max_length=160)
    # [{"name": "S100A11", "coefficient": 0.00026}, …]
    terms = models.JSONField(_("terms"))
    unit = models.CharField(_("unit of the values"), max_length=30)
    source = models.CharField(_("source"), max_length=300)

    class Meta:
        ordering = ("code", "number")
        verbose_name = _("risk model")
        constraints = [models.UniqueConstraint(fields=["code", "number"], name="risk_model_version_once")]

    def __str__(self) -> str:
        return f"{self.title} (v{self.number})"

    def clean(self) -> None:
        names = [term.get("name") for term in self.terms if isinstance(term, dict)] if self.terms else []
        if not names or len(set(names)) != len(self.terms):
            raise ValidationError({"terms": _("Give each term once, with its name and coefficient.")})
        if not all(isinstance(term.get("coefficient"), int | float) for term in self.terms):
            raise ValidationError({"terms": _("Each coefficient is a number.")})

    def streams(self) -> Iterable[StreamKey]:
        return [(None, f"riskmodel/{self.code}")]

    def log_code(self) -> str:
        return f"{self.code} v{self.number}"
