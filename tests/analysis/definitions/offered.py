"""A cohort that has a little of everything, as the form of a definition sees it; no database."""

from typing import Any

from django.http import QueryDict

from analysis.definitions.catalogue import Catalogue, Offer
from analysis.definitions.forms import DefinitionForm
from analysis.definitions.registry import definition_of
from analysis.riskmodels.models import RiskModel
from registry.cohorts.models import Cohort


def _number(name: str, label: str) -> Offer:
    return Offer(name, label, 20, is_number=True, is_category=False)


OFFERS = (
    _number("ihc:FAP@tumour", "FAP, tumour (IHC)"),
    _number("ihc:CD206@tumour", "CD206, tumour (IHC)"),
    _number("blood:ALB", "Albumin (blood)"),
    _number("baseline:age", "Age"),
    _number("extra:S100A11_TPM", "S100A11"),
    _number("extra:PUSL1_TPM", "PUSL1"),
    Offer("baseline:grade", "Grade", 20, is_number=True, is_category=True),
    Offer("baseline:sex", "Sex", 20, False, True, {"F": "female", "M": "male"}),
    Offer("baseline:bclc", "BCLC", 20, False, True, {"A": "A", "B": "B"}),
)
SCORE = RiskModel(
    code="gao-2025",
    number=1,
    title="Signature",
    terms=[{"name": "S100A11", "coefficient": 0.1}, {"name": "PUSL1", "coefficient": 0.2}],
    unit="TPM",
)
CATALOGUE = Catalogue(
    cohort=Cohort(code="resection", name="Resection"),
    endpoints={"PFS": "PFS", "OS": "OS"},
    offers={offer.name: offer for offer in OFFERS},
    markers=("FAP",),
    declared={("ihc:FAP@tumour", "registered"): 6.0},
    scores=(SCORE,),
)


def form_of(kind: str, data: Any = None, asked: dict[str, Any] | None = None) -> DefinitionForm:
    return DefinitionForm(data, definition=definition_of(kind), catalogue=CATALOGUE, asked=asked or {})


def typed(form: DefinitionForm, **changed: Any) -> QueryDict:
    """What a browser would send of the form as it stands, but for what is changed."""
    values = {name: form[name].value() for name in form.fields} | changed
    data = QueryDict(mutable=True)
    for name, value in values.items():
        if value in (None, "", [], False):
            continue
        data.setlist(name, [str(part) for part in value] if isinstance(value, list | tuple) else [str(value)])
    return data


def parameters(kind: str, **given: Any) -> dict[str, Any]:
    form = form_of(kind, typed(form_of(kind), **given))
    assert form.is_valid(), form.errors
    return dict(form.cleaned_data["parameters"])


def refusals(kind: str, **given: Any) -> dict[str, list[str]]:
    form = form_of(kind, typed(form_of(kind), **given))
    assert not form.is_valid()
    return {name: [str(said) for said in errors] for name, errors in form.errors.items()}
