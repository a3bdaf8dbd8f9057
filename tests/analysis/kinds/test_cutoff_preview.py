"""Another cutoff on a stored frame: who is where, which p may be said, who moves."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.frames.frame import Frame
from analysis.kinds import cutoff_preview
from analysis.kinds.cutoff_preview import Marker, Preview
from analysis.kinds.roc import ROC
from analysis.kinds.survival import SURVIVAL
from labs.ihc.scoring import ATTAINABLE

FAP = "ihc:FAP@tumour"
ASKED = {"endpoint": "PFS", "marker": FAP, "cutoff": "registered"}


def survival_frame(scores: list[float], **cutoffs: dict[str, object]) -> Frame:
    """Higher scores recur earlier, with every seventh patient censored."""
    rows = [
        {"patient": f"S-{i:03d}", FAP: score, "months": 40 - 2.5 * score + i % 11, "event": i % 7 != 0}
        for i, score in enumerate(scores)
    ]
    column = {"label": "FAP", "unit": "", "scale": "score"}
    constants = {"cutoffs": {f"{FAP}/{status}": stored for status, stored in cutoffs.items()}}
    return Frame(rows, columns={FAP: column}, constants=constants).canonical()


FRAME = survival_frame([float(ATTAINABLE[i % 9]) for i in range(90)], registered={"value": 4.0})


def marker_of(frame: Frame = FRAME) -> Marker:
    return cutoff_preview.marker_of("survival", frame, ASKED, SURVIVAL.compute(frame, ASKED), FAP)


def at(cutoff: float, method: str = "custom") -> Preview:
    return cutoff_preview.preview(marker_of(), cutoff, method, 4.0, {})


def test_a_score_has_its_nine_steps_whatever_was_observed() -> None:
    assert marker_of(survival_frame([2.0, 3.0] * 12, registered={"value": 2.0})).steps == list(map(float, ATTAINABLE))


def test_the_registered_cutoff_is_what_the_analysis_itself_says() -> None:
    own, seen = SURVIVAL.compute(FRAME, ASKED), at(4.0, "registered")
    assert seen.p == pytest.approx(own["logrank"]["p"], rel=1e-9)
    assert (seen.p_corrected, seen.is_exploratory, seen.movers) == (None, False, [])
    assert seen.output["hr"]["hr"] == pytest.approx(own["hr"]["hr"], rel=1e-9)


def test_any_other_cutoff_has_no_p_without_the_corrected_one() -> None:
    seen = at(6.0)
    assert seen.p is not None and seen.p_corrected is not None
    assert seen.p_corrected > seen.p
    assert "corrected for the choice" in seen.p_text
    drawn = " ".join(cutoff_preview.spec_of(marker_of(), seen)["title"]["text"])
    assert "corrected p" in drawn and "Cutoff: custom, exploratory" in drawn


def test_beyond_the_searched_cutoffs_there_is_no_p_at_all() -> None:
    frame = survival_frame([*[0.0] * 30, *[1.0] * 30, *[12.0] * 6, *[9.0] * 40], registered={"value": 4.0})
    seen = cutoff_preview.preview(marker_of(frame), 9.0, "custom", 4.0, {})
    assert (seen.p, seen.p_corrected, seen.output["logrank"]) == (None, None, None)
    assert seen.p_text.startswith("No p: ")
    assert any("6% of the patients high" in warning for warning in seen.warnings)


@settings(max_examples=15, deadline=None)
@given(st.sampled_from(ATTAINABLE), st.sampled_from(ATTAINABLE))
def test_who_moves_is_who_lies_between_and_steps_count_the_same_people(cutoff: int, reference: int) -> None:
    marker = marker_of()
    seen = cutoff_preview.preview(marker, float(cutoff), "custom", float(reference), {})
    low, high = sorted((cutoff, reference))
    assert {mover.patient for mover in seen.movers} == {
        patient for patient, value in zip(marker.patients, marker.values, strict=True) if low < value <= high
    }
    assert sum(side.n for side in seen.sides) == len(marker.values)
    for step in seen.steps:
        other = cutoff_preview.preview(marker, step.cutoff, "custom", float(cutoff), {})
        assert step.moved == len(other.movers)


def test_a_roc_marker_says_accuracy_and_both_warnings() -> None:
    rows = [{"patient": f"P-{i:02d}", "responder": i % 2 == 0, "blood:IL6": float(i % 2 * 8 + i)} for i in range(60)]
    frame = Frame(rows, columns={"blood:IL6": {"label": "IL-6", "unit": "pg/mL"}}, constants={"response": "first"})
    asked = {"markers": ["blood:IL6"], "positive": "non-responder"}
    output = ROC.compute(frame, asked)
    marker = cutoff_preview.marker_of("roc", frame, asked, output, "blood:IL6")
    seen = cutoff_preview.preview(marker, marker.steps[-4], "custom", None, output)
    assert "outside both group means" in seen.warnings[0] and "on one side" in seen.warnings[0]
    assert (seen.p, seen.p_text) == (None, "No p: One side has 3 patients, fewer than 10.")
    middle = cutoff_preview.preview(marker, marker.steps[30], "youden", None, output)
    assert middle.p_corrected is not None and middle.p is not None and middle.p_corrected >= middle.p
    assert "sensitivity" in middle.effect
    [point] = cutoff_preview.spec_of(marker, middle)["layer"][2]["data"]["values"]
    assert point["kind"] == "Youden's cutoff"


def test_an_analysis_of_a_saved_exploratory_cutoff_is_judged_by_the_corrected_p() -> None:
    stored = {"value": 6.0, "number": 1, "source": "", "method": "custom"}
    frame = survival_frame([float(ATTAINABLE[i % 9]) for i in range(90)], exploratory=stored)
    found = SURVIVAL.compute(frame, ASKED | {"cutoff": "exploratory"})
    assert found["cutoff"]["status"] == "exploratory"
    assert found["cutoff"]["p_corrected"] == pytest.approx(at(6.0).p_corrected, rel=1e-9)
    median = survival_frame([1.0, 6.0] * 20, exploratory=stored | {"method": "median", "value": 1.0})
    assert SURVIVAL.compute(median, ASKED | {"cutoff": "exploratory"})["cutoff"]["p_corrected"] is None
    outside = survival_frame([*[0.0] * 40, 12.0, 12.0], exploratory=stored | {"value": 9.0})
    assert "No cutoff" in SURVIVAL.compute(outside, ASKED | {"cutoff": "exploratory"})["refused"]


def test_a_marker_of_another_result_is_refused() -> None:
    with pytest.raises(ValueError, match="no marker of this result"):
        cutoff_preview.marker_of("survival", FRAME, ASKED, {}, "ihc:CD206@tumour")
