from collections.abc import Sequence
from typing import Any

from analysis.riskmodels.models import RiskModel
from registry.log.actors import Actor
from registry.log.facts import log_fact
from registry.log.models import Action
from registry.log.recording import recording


def risk_model_register(
    *, code: str, number: int, title: str, terms: Sequence[dict[str, Any]], unit: str, source: str, by: Actor
) -> RiskModel:
    """Registers one version of a model; a version on record stays as it is."""
    existing = RiskModel.objects.filter(code=code, number=number).first()
    if existing:
        return existing
    with recording(by) as log:
        model = RiskModel(code=code, number=number, title=title, terms=list(terms), unit=unit, source=source)
        model.full_clean()
        model.save(force_insert=True)
        log_fact(log, model, Action.CREATE, new=model.values())
    return model


def register_published(by: Actor) -> RiskModel:
    """The score of Gao et al. 2025. The paper does not state its unit; refitting on public data says TPM."""
    return risk_model_register(
        code="gao-2025",
        number=1,
        title="Exosome-related immune signature",
        terms=[{"name": "S100A11", "coefficient": 0.00026}, {"name": "PUSL1", "coefficient": 0.02752}],
        unit="TPM",
        source="Gao R. et al. 2025; coefficients as printed, unit found by refitting on TCGA-LIHC",
        by=by,
    )
