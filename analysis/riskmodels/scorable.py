"""Which variable of a cohort each term of a model is: found by name and unit, never by one of them alone."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from analysis.frames.candidates import baseline_facts
from analysis.frames.columns import load_column
from analysis.frames.variables import VariableNameError, parse
from analysis.riskmodels.models import RiskModel
from labs.blood.units import printed
from labs.expression.services import current_set
from labs.models import Analyte
from registry.cohorts.endpoints import cohort_endpoints
from registry.cohorts.models import Cohort
from registry.models import ExtraVariable

USUAL_ENDPOINT = "OS"


@dataclass(frozen=True)
class Scorable:
    """`why` says why the model cannot be applied to the cohort; empty where it can."""

    endpoint: str = ""
    # term → variable
    terms: dict[str, str] = field(default_factory=dict)
    why: str = ""


def scorable(model: RiskModel, cohort: Cohort) -> Scorable:
    endpoint = _endpoint(model, cohort)
    if not endpoint:
        wanted = model.endpoint or _("any endpoint")
        return Scorable(why=_("The cohort does not have %(endpoint)s.") % {"endpoint": wanted})
    terms: dict[str, str] = {}
    for term in model.terms:
        found = list(_candidates(model, term, cohort))
        words = {"name": term["name"], "unit": model.unit_of(term) or _("no unit")}
        if not found:
            return Scorable(why=_("Nothing in the cohort is %(name)s in %(unit)s.") % words)
        if len(found) > 1:
            said = words | {"names": ", ".join(found)}
            return Scorable(why=_("%(name)s in %(unit)s could be any of %(names)s.") % said)
        terms[term["name"]] = found[0]
    if not _has_somebody(cohort, terms):
        return Scorable(why=_("Nobody in the cohort has all values of the model."))
    return Scorable(endpoint, terms)


def _endpoint(model: RiskModel, cohort: Cohort) -> str:
    """A model that says of none is judged by overall survival, or by what the cohort has."""
    codes = [row.code for row in cohort_endpoints(cohort)]
    if model.endpoint:
        return model.endpoint if model.endpoint in codes else ""
    return USUAL_ENDPOINT if USUAL_ENDPOINT in codes else next(iter(codes), "")


def _candidates(model: RiskModel, term: dict[str, Any], cohort: Cohort) -> Iterator[str]:
    name, unit = str(term["name"]), model.unit_of(term)
    if (own := _own_variable(term, cohort)) is not None:
        if printed(load_column(cohort, own, "default").description["unit"]) == printed(unit):
            yield own.name
        return
    called = {name.casefold(), f"{name}_{unit}".casefold()}
    numbers = ExtraVariable.objects.filter(cohort=cohort, retired_reason="", type=ExtraVariable.Type.NUMBER)
    for variable in numbers.filter(unit=unit).order_by("code"):
        if called & {variable.code.casefold(), variable.label.casefold()}:
            yield f"extra:{variable.code}"
    analyte = Analyte.objects.filter(code=name).first()
    if analyte and printed(analyte.unit) == printed(unit):
        yield f"blood:{name}"
    stored = current_set(cohort)
    if stored and stored.unit == unit and stored.rows.filter(gene=name).exists():
        yield f"gene:{name}"


def _own_variable(term: dict[str, Any], cohort: Cohort) -> Any:
    """What the term was where the model comes from: tissue, blood and baseline are called alike in every cohort."""
    try:
        variable = parse(str(term.get("variable", "")))
    except VariableNameError:
        return None
    if variable.source == "gene":
        # Whichever way another cohort has its expression.
        return None
    if variable.source == "baseline" and variable.code not in baseline_facts():
        return None
    if variable.source != "extra":
        return variable
    known = ExtraVariable.objects.filter(cohort=cohort, retired_reason="", code=variable.code)
    return variable if known.exists() else None


def _has_somebody(cohort: Cohort, terms: dict[str, str]) -> bool:
    members: set[int] | None = None
    for name in terms.values():
        cells = load_column(cohort, parse(name), "default").cells
        known = {cell.enrolment_id for cell in cells if cell.value is not None}
        members = known if members is None else members & known
        if not members:
            return False
    return True
