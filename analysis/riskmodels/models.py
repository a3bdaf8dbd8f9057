from collections.abc import Iterable, Iterator
from math import isfinite
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.cohorts.models import Cohort
from registry.log.facts import Versioned
from registry.log.recording import StreamKey


class RiskModel(Versioned):
    """A registered score: coefficients that are only valid for values in one unit. A version is never changed."""

    code = models.SlugField(_("code"), max_length=40)
    number = models.PositiveSmallIntegerField(_("version"), default=1)
    title = models.CharField(_("title"), max_length=160)
    # [{"name": "S100A11", "coefficient": 0.00026}, …], with a "unit" of its own where it is not that of the others and
    # the "variable" that it was in the cohort of its origin.
    terms = models.JSONField(_("terms"))
    unit = models.CharField(
        _("unit of the values"), max_length=30, blank=True, help_text=_("Of the terms that name no unit of their own.")
    )
    source = models.CharField(_("source"), max_length=300)
    endpoint = models.CharField(
        _("endpoint"), max_length=20, blank=True, help_text=_("Which one it predicts, such as OS.")
    )
    # High means score > cutoff.
    cutoff = models.FloatField(_("cutoff"), null=True, blank=True)
    # Both of a model that was made here: its own patients are no validation of it.
    developed_in = models.ForeignKey(
        Cohort,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="risk_models",
        verbose_name=_("developed in"),
    )
    result = models.ForeignKey(
        "analysis.Result", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("result")
    )

    class Meta:
        ordering = ("code", "number")
        verbose_name = _("risk model")
        constraints = [
            models.UniqueConstraint(fields=["code", "number"], name="risk_model_version_once"),
            models.UniqueConstraint(fields=["result"], name="risk_model_once_of_a_result"),
        ]

    def __str__(self) -> str:
        return f"{self.title} (v{self.number})"

    def clean(self) -> None:
        if not isinstance(self.terms, list) or not all(isinstance(term, dict) for term in self.terms):
            raise ValidationError({"terms": _("Give a list of terms, each with its name and coefficient.")})
        names = [term.get("name") for term in self.terms]
        if not names or len(set(map(str, names))) != len(names) or not all(map(_is_text, names)):
            raise ValidationError({"terms": _("Give each term once, with its name and coefficient.")})
        if not all(_is_number(term.get("coefficient")) for term in self.terms):
            raise ValidationError({"terms": _("Each coefficient is a number.")})
        if strange := sorted({key for term in self.terms for key in term} - {*_KEYS}):
            raise ValidationError({"terms": _("A term has no %(key)s.") % {"key": strange[0]}})
        if not all(isinstance(term.get(key, ""), str) for term in self.terms for key in ("unit", "variable")):
            raise ValidationError({"terms": _("The unit and the variable of a term are texts.")})
        if not self.unit and not all("unit" in term for term in self.terms):
            raise ValidationError({"unit": _("Say in which unit the values are: the coefficients hold for no other.")})

    def streams(self) -> Iterable[StreamKey]:
        return [(None, f"riskmodel/{self.code}")]

    def log_code(self) -> str:
        return f"{self.code} v{self.number}"

    def markers(self) -> Iterator[str]:
        """Whatever could be the code of a marker on tissue."""
        for term in self.terms:
            yield str(term["name"])
            if (found := str(term.get("variable", "")).partition(":"))[1]:
                yield found[2].partition("@")[0]

    def unit_of(self, term: dict[str, Any]) -> str:
        return str(term.get("unit", self.unit))


_KEYS = ("name", "coefficient", "unit", "variable")


def _is_text(value: object) -> bool:
    # PostgreSQL stores no text with NUL.
    return isinstance(value, str) and bool(value.strip()) and "\0" not in value


def _is_number(value: object) -> bool:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    try:
        return isfinite(value)
    except OverflowError:
        # A whole number of hundreds of digits.
        return False
