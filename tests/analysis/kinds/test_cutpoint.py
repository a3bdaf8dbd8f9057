from typing import Any

import numpy as np
import pytest

from analysis.canonical import plain
from analysis.frames.frame import Frame
from analysis.headline.exploratory import is_exploratory
from analysis.kinds.base import ParameterError
from analysis.kinds.cutpoint import CUTPOINT
from analysis.kinds.cutpoints import UsedCutoff
from tests.analysis.charts.drawing import colours, texts

MARKER = "ihc:FAP@tumour"
COLUMNS = {MARKER: {"label": "FAP", "unit": "H"}}
SURVIVAL = {"endpoint": "PFS", "marker": MARKER, "resamples": 100}
RESPONSE = {"outcome": "response", "marker": MARKER, "resamples": 100}
CONTRACT = {"cutoff", "statistic", "p", "p_corrected", "bootstrap", "candidates"}


def frame(effect: float = 20.0, n: int = 80) -> Frame:
    random = np.random.default_rng(3)
    rows = []
    for number in range(n):
        value = int(random.integers(0, 13))
        late = value <= 6
        rows.append(
            {
                "patient": f"P{number:03d}",
                "months": 5.0 + (effect if late else 0) + float(random.exponential(10)),
                "event": bool(random.random() < 0.8),
                "responder": bool(random.random() < (0.5 + (effect / 50 if late else -effect / 50))),
                MARKER: value,
            }
        )
    return Frame(rows, columns=COLUMNS, notes=["imported"], constants={"response": "first mRECIST"})


def run(given: Frame, wanted: dict[str, Any]) -> dict[str, Any]:
    CUTPOINT.check(wanted)
    return dict(plain(CUTPOINT.compute(given, wanted)))


def test_a_cohorts_survival_has_its_best_cutoff() -> None:
    output = run(frame(), SURVIVAL)
    assert set(output) >= CONTRACT | {"n", "events", "dropped", "notes", "refused", "warnings", "hr", "ph", "logrank"}
    assert output["cutoff"] == 6
    assert output["time_unit"] == "months"
    assert output["notes"] == ["imported"]
    claims = {claim.name: claim for claim in CUTPOINT.headline(output)}
    assert list(claims) == ["n", "events", "corrected_p", "hr_high", "cutoff", "uncorrected_p"]
    assert claims["corrected_p"].verdict == "FAP splits PFS"
    assert claims["cutoff"].low is not None
    assert claims["cutoff"].unit == "H"


def test_a_cohorts_response_has_its_best_cutoff_and_either_side_may_be_the_case() -> None:
    output = run(frame(), RESPONSE)
    assert set(output) >= CONTRACT | {"n", "n_cases", "n_controls", "dropped", "notes", "refused", "warnings", "auc"}
    assert output["direction"] == ">"
    assert output["definition"] == "first mRECIST"
    other = run(frame(), RESPONSE | {"positive": "non-responder"})
    assert other["n_cases"] == output["n_controls"]
    assert other["direction"] == "<"
    assert other["cutoff"] == output["cutoff"]
    assert other["p_corrected"] == pytest.approx(output["p_corrected"])
    claims = {claim.name: claim for claim in CUTPOINT.headline(other)}
    assert list(claims) == ["n", "n_cases", "corrected_p", "auc", "cutoff", "uncorrected_p"]
    assert claims["corrected_p"].verdict == "FAP tells non-responders apart"


def test_the_verdict_is_that_of_the_corrected_p() -> None:
    output = run(frame(effect=0), SURVIVAL)
    assert output["p_corrected"] > 0.05
    [corrected] = [claim for claim in CUTPOINT.headline(output) if claim.name == "corrected_p"]
    assert corrected.verdict == "no cutoff of FAP splits PFS"


def test_a_best_cutoff_is_always_exploratory() -> None:
    for wanted in (SURVIVAL, RESPONSE):
        assert is_exploratory(run(frame(), wanted))
        assert is_exploratory(run(frame(n=8), wanted))
    # The kinds that carry a cutoff of their own go on as they did.
    assert is_exploratory({"cutoff": UsedCutoff(4.0, "median").as_json()})
    assert not is_exploratory({"cutoff": UsedCutoff(4.0, "registered").as_json()})
    assert not is_exploratory({"cutoff": None})


@pytest.mark.parametrize("wanted", [SURVIVAL, RESPONSE])
@pytest.mark.parametrize("n", [0, 8])
def test_too_few_are_refused_in_words_without_figure_or_table(wanted: dict[str, Any], n: int) -> None:
    output = run(frame(n=n), wanted)
    assert output["refused"]
    assert output["cutoff"] is None
    assert CUTPOINT.figures(output) == []
    assert CUTPOINT.tables(output) == []
    assert CUTPOINT.headline(output)[-1].verdict == "no cutoff"


@pytest.mark.parametrize("wanted", [SURVIVAL, RESPONSE])
def test_the_tables_say_what_was_chosen_and_what_else_was_looked_at(wanted: dict[str, Any]) -> None:
    output = run(frame(), wanted)
    chosen, candidates = CUTPOINT.tables(output)
    assert chosen.rows[0][1] == "FAP > 6 H"
    assert "only" not in chosen.rows[0][1]
    assert "confirm" in chosen.notes[0]
    assert len(candidates.rows) == len(output["candidates"])
    assert all(len(row) == len(candidates.columns) for row in candidates.rows)


@pytest.mark.parametrize("wanted", [SURVIVAL, RESPONSE])
def test_the_figure_says_that_it_is_exploratory(wanted: dict[str, Any], capfd: pytest.CaptureFixture[str]) -> None:
    [figure] = CUTPOINT.figures(run(frame(), wanted))
    drawn = texts(figure.spec, capfd)
    assert any(line.startswith("Exploratory") for line in drawn)
    assert "Cutoff of FAP, H (high means above it)" in drawn
    assert "> 6 H" in drawn
    assert "corrected p < 0.0001" in drawn
    assert any(line.startswith("Shaded: 95 % bootstrap interval") for line in drawn)
    assert list(colours(figure.spec)) == []


def test_a_category_is_no_marker() -> None:
    rows = [row | {MARKER: "G2"} for row in frame().rows]
    assert run(Frame(rows, columns=COLUMNS), SURVIVAL)["refused"] == "No cutoff: the marker is not a number."


def test_what_is_read_is_marker_and_endpoint_or_response() -> None:
    survival, response = CUTPOINT.request(SURVIVAL), CUTPOINT.request(RESPONSE)
    assert (survival.endpoint, survival.response) == ("PFS", False)
    assert (response.endpoint, response.response) == (None, True)
    assert survival.required == response.required == (MARKER,)


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ({"endpoint": "PFS"}, "marker"),
        ({"marker": MARKER}, "endpoint"),
        ({**SURVIVAL, "outcome": "response"}, "endpoint"),
        ({"marker": MARKER, "endpoint": 3}, "endpoint"),
        ({"marker": MARKER, "outcome": "grade"}, "outcome"),
        ({**RESPONSE, "positive": "PD"}, "positive"),
        ({**RESPONSE, "minprop": 0.2}, "minprop"),
        ({**RESPONSE, "direction": "up"}, "direction"),
        ({**SURVIVAL, "direction": "<"}, "direction"),
        ({**SURVIVAL, "minprop": 0}, "minprop"),
        ({**SURVIVAL, "minprop": True}, "minprop"),
        ({**SURVIVAL, "resamples": 10}, "resamples"),
        ({**SURVIVAL, "resamples": 1e9}, "resamples"),
        ({**SURVIVAL, "seed": -1}, "seed"),
        ({**SURVIVAL, "colour": "red"}, "colour"),
    ],
)
def test_parameters_that_make_no_sense_are_named(parameters: dict[str, Any], name: str) -> None:
    with pytest.raises(ParameterError) as caught:
        CUTPOINT.check(parameters)
    assert caught.value.name == name
