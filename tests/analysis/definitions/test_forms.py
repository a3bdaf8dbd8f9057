from typing import Any

import pytest
from _pytest.mark import ParameterSet

from analysis.definitions.registry import DEFINITIONS
from analysis.demo.analyses import QUESTIONS
from analysis.feeding.matrix import OF_ANALYSES
from analysis.kinds.registry import KINDS, kind_of
from tests.analysis.datasets.small_discovery import STEPS
from tests.analysis.definitions.offered import form_of, parameters, refusals, typed

FAP, CD206, AGE, SEX, GRADE = "ihc:FAP@tumour", "ihc:CD206@tumour", "baseline:age", "baseline:sex", "baseline:grade"
TERMS = {"S100A11": "extra:S100A11_TPM", "PUSL1": "extra:PUSL1_TPM"}
# Everything that each kind can be asked, as a form sends it and as the kind is asked it.
ASKED: dict[str, list[tuple[dict[str, Any], dict[str, Any]]]] = {
    "survival": [
        ({"endpoint": "PFS"}, {"endpoint": "PFS"}),
        (
            {"endpoint": "PFS", "marker": FAP, "cutoff": "value", "cutoff_value": "6.5", "times": "12, 24.5"},
            {"endpoint": "PFS", "marker": FAP, "cutoff": 6.5, "times": [12, 24.5]},
        ),
        (
            {"endpoint": "OS", "group": SEX, "conf_type": "log-log", "tau": "36", "landmark": "3"},
            {"endpoint": "OS", "group": SEX, "conf_type": "log-log", "tau": 36, "landmark": 3},
        ),
    ],
    "cox": [
        (
            {
                "endpoint": "PFS",
                "covariates": [FAP, AGE, GRADE, SEX],
                "categories": [GRADE],
                "interactions": [FAP, AGE],
                "interactions_2": [FAP, SEX],
                "references": ["baseline:sex|M"],
                "strata": ["baseline:bclc"],
                "ties": "breslow",
                "landmark": "1",
            },
            {
                "endpoint": "PFS",
                "covariates": [FAP, AGE, GRADE, SEX],
                "categories": [GRADE],
                "interactions": [[FAP, AGE], [FAP, SEX]],
                "references": {SEX: "M"},
                "strata": ["baseline:bclc"],
                "ties": "breslow",
                "landmark": 1,
            },
        )
    ],
    "screen": [
        (
            {"endpoint": "PFS", "covariates": [FAP, AGE], "by": "p", "threshold": "0.1", "adjust": "holm"},
            {"endpoint": "PFS", "covariates": [FAP, AGE], "by": "p", "threshold": 0.1, "adjust": "holm"},
        )
    ],
    "lasso": [
        (
            {"endpoint": "OS", "covariates": [FAP, CD206], "folds": "5", "seed": "3", "alpha": "0.5"},
            {"endpoint": "OS", "covariates": [FAP, CD206], "folds": 5, "seed": 3, "alpha": 0.5},
        )
    ],
    "stepwise": [
        (
            {"endpoint": "OS", "covariates": [FAP, GRADE], "categories": [GRADE], "criterion": "bic", "start": "null"},
            {"endpoint": "OS", "covariates": [FAP, GRADE], "categories": [GRADE], "criterion": "bic", "start": "null"},
        )
    ],
    "nomogram": [
        (
            {"endpoint": "OS", "covariates": [FAP, SEX], "references": [f"{SEX}|M"], "times": "12, 36"},
            {"endpoint": "OS", "covariates": [FAP, SEX], "references": {SEX: "M"}, "times": [12, 36]},
        )
    ],
    "calibration": [
        (
            {"endpoint": "OS", "covariates": [FAP, AGE], "horizon": "24", "per_group": "20", "resamples": "50"},
            {"endpoint": "OS", "covariates": [FAP, AGE], "horizon": 24, "per_group": 20, "resamples": 50},
        )
    ],
    "pipeline": [
        (
            {
                "endpoint": "OS",
                "covariates": [FAP, CD206],
                "clinical": [AGE, GRADE],
                "categories": [GRADE],
                "times": "12",
                "study": "gao-2025",
            },
            {
                "endpoint": "OS",
                "covariates": [FAP, CD206],
                "clinical": [AGE, GRADE],
                "categories": [GRADE],
                "times": [12],
                "study": "gao-2025",
            },
        )
    ],
    "competing": [
        (
            {"endpoint": "PFS", "competing": "OS", "group": SEX, "covariates": [AGE], "times": "12"},
            {"endpoint": "PFS", "competing": "OS", "group": SEX, "covariates": [AGE], "times": [12]},
        )
    ],
    "timeroc": [
        (
            {"endpoint": "OS", "markers": [FAP, AGE], "times": "12;24", "direction": ">"},
            {"endpoint": "OS", "markers": [FAP, AGE], "times": [12, 24], "direction": ">"},
        )
    ],
    "roc": [
        (
            {"markers": [FAP], "positive": "non-responder", "compare": ""},
            {"markers": [FAP], "positive": "non-responder", "compare": False},
        ),
        ({"markers": [FAP, AGE], "compare": "on"}, {"markers": [FAP, AGE]}),
    ],
    "cutpoint": [
        (
            {"marker": FAP, "endpoint": "PFS", "minprop": "0.2", "resamples": "200", "seed": "7"},
            {"marker": FAP, "endpoint": "PFS", "minprop": 0.2, "resamples": 200, "seed": 7},
        ),
        (
            {"marker": FAP, "endpoint": "response", "positive": "non-responder"},
            {"marker": FAP, "outcome": "response", "positive": "non-responder"},
        ),
    ],
    "risk_score": [
        (
            {
                "endpoint": "OS",
                "model": "gao-2025:1",
                "terms_0": TERMS["S100A11"],
                "terms_1": TERMS["PUSL1"],
                "cutoff": "median",
            },
            {"endpoint": "OS", "model": "gao-2025", "number": 1, "terms": TERMS, "cutoff": "median"},
        )
    ],
    "validation": [
        (
            {
                "endpoint": "OS",
                "model": "gao-2025:1",
                "terms_0": TERMS["S100A11"],
                "terms_1": TERMS["PUSL1"],
                "times": "12, 24",
            },
            {"endpoint": "OS", "model": "gao-2025", "number": 1, "terms": TERMS, "times": [12, 24]},
        )
    ],
    "compare": [
        (
            {"group": FAP, "cutoff": "registered", "values": [CD206], "test": "welch"},
            {"group": FAP, "cutoff": "registered", "values": [CD206], "test": "welch"},
        ),
        ({"group": "response", "values": [FAP]}, {"group": "response", "values": [FAP]}),
    ],
    "table1": [
        (
            {"group": SEX, "columns": [AGE, GRADE], "categorical": [GRADE]},
            {"group": SEX, "columns": [AGE, GRADE], "categorical": [GRADE]},
        )
    ],
    "correlate": [
        (
            {"columns": [FAP, CD206], "method": "kendall", "adjust": "holm"},
            {"columns": [FAP, CD206], "method": "kendall", "adjust": "holm"},
        )
    ],
    "agreement": [
        ({"marker": FAP, "icc": "on"}, {"marker": FAP, "icc": True}),
        (
            {"raters": [FAP, CD206], "weights": "linear", "levels": "low, high"},
            {"raters": [FAP, CD206], "weights": "linear", "levels": ["low", "high"]},
        ),
    ],
    "decision": [
        (
            {
                "endpoint": "PFS",
                "horizon": "24",
                "models_1_name": "FAP",
                "models": [FAP],
                "models_2": [f"log({AGE})", f"factor({GRADE})"],
                "from": "0.05",
                "to": "0.5",
                "by": "0.05",
                "rule": ">=",
            },
            {
                "endpoint": "PFS",
                "horizon": 24,
                "models": {"FAP": [FAP], "log(Age) + factor(Grade)": [f"log({AGE})", f"factor({GRADE})"]},
                "from": 0.05,
                "to": 0.5,
                "by": 0.05,
                "rule": ">=",
            },
        ),
        ({"endpoint": "response", "risks": [AGE]}, {"risks": [AGE]}),
    ],
    "wet_lab": [({"marker": "FAP"}, {"marker": "FAP"})],
    "discovery": [({"configuration": STEPS.replace("\n", "\r\n")}, {"configuration": STEPS})],
}
CASES = [(kind, sent, asked) for kind, pairs in ASKED.items() for sent, asked in pairs]


def case(kind: str, *values: object) -> ParameterSet:
    """Only what a configuration names is looked up in the database."""
    return pytest.param(kind, *values, marks=[pytest.mark.django_db] if kind == "discovery" else [])


def test_every_kind_can_be_defined_by_form() -> None:
    assert set(ASKED) == set(KINDS) == set(DEFINITIONS)


@pytest.mark.parametrize(("kind", "sent", "asked"), [case(*row) for row in CASES])
def test_a_form_asks_what_its_fields_say_and_the_kind_takes_it(
    kind: str, sent: dict[str, Any], asked: dict[str, Any]
) -> None:
    found = parameters(kind, **sent)
    assert found == asked
    kind_of(kind).check(found)


def imported() -> list[tuple[str, dict[str, Any]]]:
    """Definitions that came from elsewhere: other orders, usual values named, variables that the cohort lacks."""
    demo = [(question.kind, question.parameters) for rows in QUESTIONS.values() for question in rows]
    strange: list[tuple[str, dict[str, Any]]] = [
        ("roc", {"markers": ["blood:IL6", FAP], "compare": True, "direction": "auto"}),
        ("cox", {"endpoint": "PFS", "covariates": ["extra:GONE", AGE], "interactions": [[AGE, FAP, SEX]]}),
        ("cox", {"endpoint": "PFS", "covariates": ["baseline:sex"], "references": {"baseline:sex": "X"}}),
        ("decision", {"models": {str(place): ["extra:GONE"] for place in range(6)}, "positive": "responder"}),
        ("survival", {"endpoint": "PFS", "marker": FAP, "cutoff": 6, "times": [36, 12.25], "conf_type": "log"}),
        ("agreement", {"raters": [CD206, FAP], "levels": ["1", "0"], "icc": False}),
    ]
    return [*demo, *strange, *((kind, asked) for kind, _sent, asked in CASES)]


@pytest.mark.parametrize(("kind", "asked"), [case(*row) for row in imported()])
def test_a_definition_that_is_opened_and_saved_stays_the_same_question(kind: str, asked: dict[str, Any]) -> None:
    form = form_of(kind, typed(form_of(kind, asked=asked)), asked=asked)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["parameters"] == asked


@pytest.mark.parametrize(
    ("kind", "sent", "field"),
    [
        ("survival", {}, "endpoint"),
        ("survival", {"endpoint": "PFS", "marker": FAP, "group": SEX}, "marker"),
        ("survival", {"endpoint": "PFS", "cutoff": "median"}, "cutoff"),
        ("survival", {"endpoint": "PFS", "marker": CD206, "cutoff": "registered"}, "cutoff"),
        ("survival", {"endpoint": "PFS", "marker": FAP, "cutoff": "value"}, "cutoff_value"),
        ("survival", {"endpoint": "PFS", "marker": FAP, "cutoff_value": "3"}, "cutoff_value"),
        ("survival", {"endpoint": "PFS", "times": "12, soon"}, "times"),
        ("survival", {"endpoint": "PFS", "tau": "-1"}, "tau"),
        ("survival", {"endpoint": "PFS", "marker": "ihc:SECRET@tumour"}, "marker"),
        ("cox", {"endpoint": "PFS"}, "covariates"),
        ("cox", {"endpoint": "PFS", "covariates": [AGE], "categories": [GRADE]}, "categories"),
        ("cox", {"endpoint": "PFS", "covariates": [AGE], "interactions": [AGE]}, "interactions"),
        ("cox", {"endpoint": "PFS", "covariates": [SEX], "references": [f"{SEX}|F", f"{SEX}|M"]}, "references"),
        ("cox", {"endpoint": "PFS", "covariates": [SEX], "strata": [SEX]}, "strata"),
        ("competing", {"endpoint": "PFS", "competing": "PFS"}, "competing"),
        ("cutpoint", {"marker": FAP, "endpoint": "PFS", "positive": "non-responder"}, "positive"),
        ("cutpoint", {"marker": FAP, "endpoint": "response", "minprop": "0.2"}, "minprop"),
        ("cutpoint", {"marker": FAP, "endpoint": "PFS", "resamples": "5"}, "resamples"),
        ("risk_score", {"endpoint": "OS", "model": "gao-2025:1", "terms_0": FAP}, "terms_1"),
        ("compare", {"group": "response", "cutoff": "median", "values": [FAP]}, "cutoff"),
        ("compare", {"group": FAP, "values": [FAP]}, "values"),
        ("correlate", {"columns": [FAP]}, "columns"),
        ("agreement", {}, "marker"),
        ("decision", {"endpoint": "PFS", "models": [FAP]}, "horizon"),
        ("decision", {"endpoint": "response"}, "models"),
        ("decision", {"endpoint": "response", "models_2_name": "two"}, "models_2"),
        ("decision", {"endpoint": "response", "models": [FAP], "models_2": [FAP]}, "models_2_name"),
        ("decision", {"endpoint": "response", "risks": [AGE], "from": "2"}, "from"),
    ],
)
def test_a_refusal_stands_beside_the_field_that_it_concerns(kind: str, sent: dict[str, Any], field: str) -> None:
    assert list(refusals(kind, **sent)) == [field]


@pytest.mark.parametrize(
    ("kind", "sent", "title"),
    [
        ("survival", {"endpoint": "PFS", "marker": FAP}, "PFS by FAP"),
        ("survival", {"endpoint": "PFS", "marker": FAP, "cutoff": "value", "cutoff_value": "8"}, "PFS by FAP above 8"),
        ("survival", {"endpoint": "PFS", "marker": FAP, "cutoff": "optimal"}, "PFS by FAP above the best cutoff"),
        ("survival", {"endpoint": "OS"}, "OS of all patients"),
        ("roc", {"markers": [FAP], "positive": "non-responder"}, "FAP for non-response"),
        ("decision", {"endpoint": "response", "models": [FAP]}, "Decision curves of FAP, tumour (IHC) for response"),
    ],
)
def test_a_question_without_a_title_is_given_one(kind: str, sent: dict[str, Any], title: str) -> None:
    form = form_of(kind, typed(form_of(kind), **sent))
    assert form.is_valid(), form.errors
    assert form.cleaned_data["title"] == title


@pytest.mark.parametrize(("kind", "sent", "asked"), [case(*row) for row in CASES])
def test_every_checked_question_can_be_given_a_title(kind: str, sent: dict[str, Any], asked: dict[str, Any]) -> None:
    form = form_of(kind, typed(form_of(kind), **sent))
    assert form.is_valid(), form.errors
    assert 0 < len(form.cleaned_data["title"]) <= 160


@pytest.mark.parametrize(("kind", "_sent", "asked"), [case(*row) for row in CASES])
def test_no_question_reads_what_is_said_of_analyses(kind: str, _sent: dict[str, Any], asked: dict[str, Any]) -> None:
    """So that what feeds what has no circles, whatever is defined."""
    request = kind_of(kind).request(asked)
    assert not {*request.domains(), *request.shared_domains()} & set(OF_ANALYSES)
