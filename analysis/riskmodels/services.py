from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from analysis.engine.models import Result
from analysis.riskmodels import published
from analysis.riskmodels.models import RiskModel
from registry.cohorts.models import Cohort
from registry.log.actors import Actor
from registry.log.facts import log_fact
from registry.log.models import Action
from registry.log.recording import recording


def risk_model_register(
    *,
    code: str,
    number: int,
    title: str,
    terms: Sequence[dict[str, Any]],
    unit: str,
    source: str,
    by: Actor,
    endpoint: str = "",
    cutoff: float | None = None,
    developed_in: Cohort | None = None,
    result: Result | None = None,
    reason: str = "",
) -> RiskModel:
    """Registers one version of a model; a version on record stays as it is, and another content is refused."""
    given: dict[str, Any] = {"title": title, "terms": list(terms), "unit": unit, "source": source}
    given |= {"endpoint": endpoint, "cutoff": cutoff, "developed_in": developed_in, "result": result}
    existing = RiskModel.objects.filter(code=code, number=number).first()
    if existing:
        _require_same(existing, given)
        return existing
    with recording(by, reason) as log:
        model = RiskModel(code=code, number=number, **given)
        model.full_clean()
        model.save(force_insert=True)
        log_fact(log, model, Action.CREATE, new=model.values())
    return model


def _require_same(existing: RiskModel, given: dict[str, Any]) -> None:
    if any(getattr(existing, name) != value for name, value in given.items()):
        raise ValidationError({"number": _("This version is on record with another content: give the next number.")})


def register_published(by: Actor) -> RiskModel:
    return risk_model_register(
        code=published.CODE,
        number=1,
        title="Exosome-related immune signature",
        terms=[{"name": name, "coefficient": value} for name, value in published.COEFFICIENTS.items()],
        unit=published.UNIT,
        source=published.SOURCE,
        endpoint=published.ENDPOINT,
        by=by,
    )
