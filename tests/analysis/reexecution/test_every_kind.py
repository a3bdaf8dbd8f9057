"""Of any kind, from any rows: what is computed from the stored bytes is what was computed, to the byte."""

import json
import random
from typing import Any

import pytest
from _pytest.mark import ParameterSet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.canonical import canonical_json
from analysis.engine.environment import software
from analysis.engine.models import Result, StoredFrame
from analysis.frames.frame import Frame
from analysis.kinds.registry import KINDS
from analysis.reexecution.differences import differences
from analysis.reexecution.judging import judge
from analysis.reexecution.models import Verdict
from tests.analysis.kinds.test_risk_score import MODEL, TERMS
from tests.analysis.kinds.test_wet_lab import cells

FAP, NORMAL, AGE = "ihc:FAP@tumour", "ihc:FAP@normal", "baseline:age"
STEPS = f"""
[data.high]
kind = "cohort-groups"
variable = "{FAP}"
above = 4

[data.values]
kind = "cohort-values"
variables = ["{NORMAL}", "{AGE}"]

[[steps]]
name = "compared"
method = "compare_groups"
values = ["values"]
groups = "high"

[[steps]]
name = "by-age"
method = "group_by"
score = "values:{AGE}"
"""
PARAMETERS: dict[str, dict[str, Any]] = {
    "survival": {"endpoint": "PFS", "marker": FAP, "cutoff": "median"},
    "cox": {"endpoint": "PFS", "covariates": [FAP, AGE]},
    "screen": {"endpoint": "PFS", "covariates": [FAP, AGE]},
    "lasso": {"endpoint": "PFS", "covariates": [FAP, AGE, *TERMS.values()], "folds": 3},
    "stepwise": {"endpoint": "PFS", "covariates": [FAP, AGE], "start": "null"},
    "nomogram": {"endpoint": "PFS", "covariates": [FAP, AGE], "times": [12]},
    "calibration": {"endpoint": "PFS", "covariates": [FAP, AGE], "horizon": 12, "resamples": 10},
    "pipeline": {"endpoint": "PFS", "covariates": [FAP, NORMAL], "clinical": [AGE], "times": [12], "threshold": 0.9},
    "competing": {"endpoint": "PFS", "competing": "OS", "times": [12]},
    "timeroc": {"endpoint": "PFS", "markers": [FAP, AGE], "times": [12]},
    "roc": {"markers": [FAP, AGE]},
    "cutpoint": {"endpoint": "PFS", "marker": FAP, "resamples": 30},
    "risk_score": {"endpoint": "PFS", "model": "gao-2025", "terms": TERMS},
    "validation": {"endpoint": "PFS", "model": "gao-2025", "terms": TERMS, "times": [12]},
    "compare": {"group": "response", "values": [FAP, AGE]},
    "table1": {"group": "response", "columns": [FAP, AGE]},
    "correlate": {"columns": [FAP, AGE, NORMAL]},
    "agreement": {"raters": [FAP, NORMAL], "icc": True},
    "decision": {"endpoint": "PFS", "horizon": 12, "models": {"FAP": [FAP]}},
    "wet_lab": {"marker": "FAP"},
    "discovery": {"configuration": STEPS},
}
COLUMNS = {
    **{name: {"label": name, "unit": ""} for name in (FAP, NORMAL, AGE)},
    **{name: {"label": name, "unit": "TPM"} for name in TERMS.values()},
    **{
        f"{method}:FAP@{side}": {"label": "FAP", "unit": ""}
        for method in ("blot", "qpcr")
        for side in ("tumour", "normal")
    },
}


def drawn(seed: int, n: int) -> Frame:
    """Rows with everything that any kind reads, with numbers that have no short decimal form."""
    chance = random.Random(seed)  # patients of a test
    rows = []
    for place in range(n):
        tumour, normal = chance.choice([0, 1, 2, 3, 4, 6, 8, 9, 12]), chance.choice([0, 1, 2, 3])
        event = chance.random() < 0.7
        row = {
            "patient": f"P-{place:03d}",
            "months": chance.expovariate(1 / 20) + 1 / 3,
            "event": event,
            "competing": not event and chance.random() < 0.3,
            "responder": place % 2 == 0,
            AGE: chance.gauss(60, 10) if chance.random() < 0.9 else None,
            **{name: chance.lognormvariate(3, 1) for name in TERMS.values()},
            **cells("ihc", tumour, normal, tumour - normal),
            **cells("qpcr", *(pair := (chance.lognormvariate(0, 1), 1.0)), pair[0] - pair[1]),
            **cells("blot", None, 1.0, None),
        }
        rows.append(row)
    constants = {"risk_model": MODEL, "response": "by mRECIST"}
    return Frame(rows, columns=COLUMNS, constants=constants).canonical()


def stored(kind: str, frame: Frame) -> Result:
    """As the engine would store it, without a row of it."""
    content = frame.to_bytes()
    kept = StoredFrame(fingerprint=frame.fingerprint(), packed=StoredFrame.pack(content), rows=len(frame.rows))
    parameters = canonical_json(PARAMETERS[kind])
    output = canonical_json(KINDS[kind].compute(frame, json.loads(parameters)))
    return Result(
        kind=kind,
        frame=kept,
        parameters=parameters,
        kind_version=KINDS[kind].version,
        output=output,
        provenance=canonical_json({"software": software()}),
    )


def test_every_kind_has_its_parameters_here() -> None:
    assert set(PARAMETERS) == set(KINDS)


def in_database(kind: str) -> ParameterSet:
    """The tables of a discovery stand beside its result."""
    return pytest.param(kind, marks=[pytest.mark.django_db] if kind == "discovery" else [])


@pytest.mark.parametrize("kind", [in_database(kind) for kind in KINDS])
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10**6), n=st.integers(0, 40))
def test_a_result_of_any_kind_re_executes_to_the_same_bytes(kind: str, seed: int, n: int) -> None:
    result = stored(kind, drawn(seed, n))
    judged = judge(result)
    assert (judged.verdict, judged.stored_hash) == (Verdict.EQUAL, judged.now_hash), judged.differences


@pytest.mark.parametrize(
    ("then", "verdict"),
    [
        ({}, Verdict.UNEXPLAINED),
        ({"software": {"numpy": "1.0"}}, Verdict.SOFTWARE),
        ({"kind_version": 1}, Verdict.METHOD),
    ],
)
def test_a_difference_is_explained_by_what_moved_and_by_nothing_else(then: dict[str, Any], verdict: str) -> None:
    result = stored("survival", drawn(7, 30))
    output = json.loads(result.output)
    output["logrank"]["p"] = 0.5
    result.output = canonical_json(output)
    result.kind_version = then.get("kind_version", result.kind_version)
    result.provenance = canonical_json({"software": software() | then.get("software", {})})
    judged = judge(result)
    assert judged.verdict == verdict
    assert [(found.path, found.stored) for found in judged.differences] == [("logrank.p", 0.5)]
    assert [name for name, _then, _now in judged.moved_software] == list(then.get("software", {}))


def test_rows_that_are_not_those_of_their_hash_are_not_computed_from() -> None:
    result = stored("survival", drawn(7, 30))
    for forged in (StoredFrame.pack(drawn(8, 30).to_bytes()), b"no zip at all"):
        result.frame.packed = forged
        assert judge(result).verdict == Verdict.TAMPERED


def test_differences_are_named_by_their_place() -> None:
    old = {"groups": [{"n": 1}, {"n": 2}], "gone": {"a": 1, "b": 2}, "same": [1.5]}
    new = {"groups": [{"n": 1}], "same": [1.5], "came": None}
    found = [(each.path, each.stored, each.now) for each in differences(old, new)]
    assert found == [
        ("came", "(not there)", None),
        ("gone", "(2 values)", "(not there)"),
        ("groups[1]", "(1 values)", "(not there)"),
    ]
    assert [each.path for each in differences({"n": 1}, {"n": 1.0})] == ["n"]
