"""Living external validation: the newest version of every registered model, in every cohort that it can be applied to.

Each is an analysis like any other, stale and fresh by the facts that it reads; who retires one is not asked again.
"""

from django.db import transaction
from django.utils.translation import gettext as _

from analysis.engine.models import Analysis
from analysis.engine.services import analysis_create
from analysis.kinds.validation import VALIDATION
from analysis.riskmodels.models import RiskModel
from analysis.riskmodels.scorable import scorable
from registry.cohorts.models import Cohort
from registry.log.actors import Actor

MAKER = "living validation"


def newest_models() -> list[RiskModel]:
    found: dict[str, RiskModel] = {}
    for model in RiskModel.objects.order_by("code", "number"):
        found[model.code] = model
    return list(found.values())


def validations_define(by: Actor | None = None) -> list[Analysis]:
    """Defines those that are missing; those that are there stay as they are."""
    return [made for model in newest_models() for made in _define(model, by or Actor.system(MAKER))]


def _define(model: RiskModel, by: Actor) -> list[Analysis]:
    # Values are looked through before anything is locked.
    cohorts = Cohort.objects.exclude(pk__in=_known(model)).order_by("code")
    found = [(cohort, each) for cohort in cohorts if not (each := scorable(model, cohort)).why]
    if not found:
        return []
    with transaction.atomic():
        # Of two that define at once the second finds what the first has made.
        RiskModel.objects.select_for_update().get(pk=model.pk)
        known = _known(model)
        return [
            analysis_create(
                cohort=cohort,
                title=_title(model, each.endpoint),
                kind=VALIDATION.code,
                parameters={
                    "endpoint": each.endpoint,
                    "model": model.code,
                    "number": model.number,
                    "terms": each.terms,
                },
                by=by,
            )
            for cohort, each in found
            if cohort.pk not in known
        ]


def _title(model: RiskModel, endpoint: str) -> str:
    words = {"model": f"{model.title[:110]} (v{model.number})", "endpoint": endpoint}
    return _("Validation of %(model)s for %(endpoint)s") % words


def _known(model: RiskModel) -> set[int]:
    """Cohorts that have a validation of this version, retired ones included."""
    rows = Analysis.objects.filter(kind=VALIDATION.code, parameters__model=model.code, parameters__number=model.number)
    return set(rows.values_list("cohort_id", flat=True))
