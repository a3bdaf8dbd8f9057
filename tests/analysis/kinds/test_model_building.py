"""Screen, lasso, selection, nomogram and calibration of a cohort: what they are asked, say, claim and give to R."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from analysis.canonical import canonical_json, plain
from analysis.frames.frame import Frame
from analysis.kinds.base import ParameterError, PartedKind, SequentialKind, TabledKind, TableKind
from analysis.kinds.methods.registry import METHODS
from analysis.kinds.registry import KINDS
from analysis.reports.cards.assumptions import assumption_checks
from analysis.reports.cards.cutoff import cutoff_card
from analysis.reports.cards.model import model_card
from analysis.reports.cards.result_tables import result_tables
from analysis.reports.cards.sensitivity import sensitivity
from tests.analysis.reexecution.test_every_kind import AGE, FAP, PARAMETERS, drawn
from tests.analysis.tables.command import frame_reproduced_by_r
from tests.services.r import R

BUILDING = ("screen", "lasso", "stepwise", "nomogram", "calibration")


@pytest.fixture(scope="module")
def frame() -> Frame:
    """Of a cohort: months, names with a colon, levels with a label."""
    whole = drawn(11, 140)
    rows = [
        row | {"baseline:sex": "MF"[place % 2], "months": row["months"] / (1 + row[FAP] / 3)}
        for place, row in enumerate(whole.rows)
    ]
    sex = {"label": "sex", "unit": "", "levels": {"M": "Male", "F": "Female"}}
    return Frame(rows, columns=whole.columns | {"baseline:sex": sex}, constants=whole.constants).complete(FAP, AGE)


def asked(kind: str) -> dict[str, Any]:
    parameters = dict(PARAMETERS[kind])
    if kind in ("stepwise", "nomogram", "calibration"):
        parameters |= {"covariates": [*parameters["covariates"], "baseline:sex"], "references": {"baseline:sex": "M"}}
    return parameters


@pytest.mark.parametrize("kind", [kind for kind in BUILDING if kind != "lasso"])
def test_r_gives_the_same_from_the_rows_of_a_cohort(r: R, tmp_path: Path, frame: Frame, kind: str) -> None:
    made = KINDS[kind]
    assert isinstance(made, TableKind)
    frame_reproduced_by_r(r, tmp_path, made, frame, asked(kind))


@pytest.mark.parametrize("kind", BUILDING)
def test_a_result_has_claims_tables_and_figures_and_a_refusal_none_but_counts(frame: Frame, kind: str) -> None:
    made = KINDS[kind]
    assert isinstance(made, TabledKind) and not isinstance(made, SequentialKind)
    made.check(asked(kind))
    request = made.request(asked(kind))
    assert request.endpoint == "PFS" and set(request.required) == (set() if kind == "screen" else {*request.variables})
    output = plain(made.compute(frame, asked(kind)))
    assert output["refused"] is None
    names = [claim.name for claim in made.headline(output)]
    assert len(names) == len(set(names)) > 2
    assert {figure.name for figure in made.figures(output)} and all(table.rows for table in made.tables(output))
    if kind in ("screen", "stepwise"):
        verdicts = {claim.verdict for claim in made.headline(output) if claim.verdict}
        assert all(verdict.split(": ")[0] in (FAP, AGE, "sex") for verdict in verdicts), "names that people know"
    few = plain(made.compute(Frame(frame.rows[:8], columns=frame.columns), asked(kind)))
    assert "fewer than 10" in few["refused"]
    assert [claim.name for claim in made.headline(few)] == ["n", "events"]
    assert made.figures(few) == [] and made.tables(few) == []


@pytest.mark.parametrize(
    ("kind", "changes", "name"),
    [
        ("screen", {"adjust": "by eye"}, "adjust"),
        ("screen", {"covariates": []}, "covariates"),
        ("screen", {"endpoint": None}, "endpoint"),
        ("lasso", {"folds": True}, "folds"),
        ("lasso", {"alpha": 0}, "alpha"),
        ("lasso", {"covariates": [f"extra:G{place}" for place in range(5001)]}, "covariates"),
        ("stepwise", {"direction": "up"}, "direction"),
        ("stepwise", {"interactions": [[FAP, AGE]]}, "interactions"),
        ("stepwise", {"covariates": [f"extra:G{place}" for place in range(61)]}, "covariates"),
        ("nomogram", {"times": []}, "times"),
        ("nomogram", {"times": [12, 12]}, "times"),
        ("calibration", {"horizon": None}, "horizon"),
        ("calibration", {"resamples": 10**6}, "resamples"),
        ("calibration", {"colour": "red"}, "colour"),
    ],
)
def test_a_parameter_that_makes_no_sense_is_named(kind: str, changes: dict[str, Any], name: str) -> None:
    with pytest.raises(ParameterError) as error:
        KINDS[kind].check(PARAMETERS[kind] | changes)
    assert error.value.name == name


@pytest.mark.parametrize("kind", BUILDING)
def test_the_cards_of_a_report_read_what_they_know_of_it(frame: Frame, kind: str) -> None:
    output = plain(KINDS[kind].compute(frame, asked(kind)))
    item: Any = SimpleNamespace(output=output, kind=KINDS[kind], frame=frame)
    nothing: Any = None
    made = KINDS[kind]
    assert isinstance(made, TabledKind) and len(result_tables(item)) == len(made.tables(output))
    assert cutoff_card(nothing, item) == sensitivity(item, nothing) == model_card(item) == []
    checked = " ".join(str(row) for block in assumption_checks(item) for row in block["rows"])
    if kind in ("nomogram", "calibration"):
        assert "Proportional hazards" in checked and "Events per term" in checked
    assert "[@" in " ".join(METHODS[kind](asked(kind), output))


def test_a_calibration_in_many_parts_has_the_bytes_of_one_in_one(frame: Frame, monkeypatch: pytest.MonkeyPatch) -> None:
    kind, parameters = KINDS["calibration"], asked("calibration") | {"resamples": 45}
    assert isinstance(kind, PartedKind)
    assert len(kind.parts(frame, parameters)) == 1
    alone = canonical_json(kind.compute(frame, parameters))
    monkeypatch.setattr("analysis.kinds.calibration.PART_WORK", 1)
    parts = kind.parts(frame, parameters)
    assert [(part["first"], part["count"]) for part in parts] == [(0, 20), (20, 20), (40, 5)]
    # Whoever takes a part, in whatever order: what is stored of each is all that the last one sees.
    stored = {part["first"]: plain(kind.compute_part(frame, parameters, part)) for part in reversed(parts)}
    assert canonical_json(kind.reduce(frame, parameters, [stored[part["first"]] for part in parts])) == alone
    few = Frame(frame.rows[:8], columns=frame.columns, constants=frame.constants)
    assert kind.parts(few, parameters) == []
    assert kind.compute(few, parameters)["refused"]
