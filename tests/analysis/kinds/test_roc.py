from pathlib import Path
from typing import Any

import pytest

from analysis.canonical import plain
from analysis.frames.frame import Frame
from analysis.kinds.base import ParameterError
from analysis.kinds.roc import ROC
from tests.analysis.tables.command import frame_reproduced_by_r
from tests.services.r import R

IL6, CD8 = "blood:IL6", "blood:CD8"
COLUMNS = {IL6: {"label": "IL-6", "unit": "pg/mL"}, CD8: {"label": "CD8", "unit": "/uL"}}


def frame(**constants: Any) -> Frame:
    rows = []
    for number in range(40):
        responder = number < 22
        rows.append(
            {
                "patient": f"P{number:02d}",
                "responder": responder,
                IL6: 10.0 + number % 7 + (0 if responder else 12 + number),
                CD8: (400.0 + 5 * number if responder else 200.0 + 7 * number) if number % 9 else None,
            }
        )
    return Frame(rows, columns=COLUMNS, constants=constants)


def run(given: Frame, **parameters: Any) -> dict[str, Any]:
    wanted = {"markers": [IL6, CD8], "positive": "non-responder"} | parameters
    ROC.check(wanted)
    return dict(plain(ROC.compute(given, wanted)))


def test_direction_is_found_and_said() -> None:
    output = run(frame())
    il6, cd8 = output["markers"]
    assert (il6["direction"], cd8["direction"]) == ("<", ">")
    assert il6["auc"] == 1.0
    labels = [claim.label for claim in ROC.headline(output)]
    assert "AUC of IL-6 (higher in non-responders)" in labels
    assert "AUC of CD8 (lower in non-responders)" in labels


def test_swapping_the_positive_class_keeps_the_auc() -> None:
    as_cases = run(frame())["markers"]
    as_controls = run(frame(), positive="responder")["markers"]
    assert [marker["auc"] for marker in as_cases] == pytest.approx([marker["auc"] for marker in as_controls])


def test_missing_values_are_counted_per_marker() -> None:
    output = run(frame())
    assert [marker["missing"] for marker in output["markers"]] == [0, 5]
    assert output["n"] == 40


def test_a_published_cutoff_gets_its_point_with_a_warning_outside_both_means() -> None:
    output = run(frame(cutoffs={f"{IL6}/published": {"value": 61.0}}))
    youden, published = output["markers"][0]["points"]
    assert (youden["status"], published["status"]) == ("exploratory", "published")
    assert published["threshold"] == 61.0
    assert "outside both group means" in published["warning"]
    counts = published["counts"]
    assert counts["tp"] + counts["fn"] == 18
    assert published["sensitivity"] == pytest.approx(counts["tp"] / 18)
    assert published["sensitivity_low"] <= published["sensitivity"] <= published["sensitivity_high"]


def test_markers_are_compared_over_the_patients_who_have_both() -> None:
    [pair] = run(frame())["comparisons"]
    assert (pair["a"], pair["b"], pair["n"]) == ("IL-6", "CD8", 35)


def test_a_difference_has_its_interval_and_stands_in_the_headline() -> None:
    [pair] = run(frame())["comparisons"]
    assert pair["difference"] == pytest.approx(pair["auc_a"] - pair["auc_b"])
    assert pair["low"] < pair["difference"] < pair["high"]
    assert pair["p_holm"] == pair["p"]
    claim = ROC.headline(run(frame()))[-1]
    assert (claim.name, claim.label) == (f"difference_{IL6}_{CD8}", "AUC of IL-6 less that of CD8")
    assert claim.verdict == f"the areas of IL-6 and CD8 {'differ' if pair['p'] < 0.05 else 'do not differ'}"
    assert run(frame(), compare=False)["comparisons"] == []


def test_the_best_cutoff_is_the_first_point() -> None:
    for marker in run(frame())["markers"]:
        assert marker["best"] == marker["points"][0] | {"tied": marker["best"]["tied"]}


def test_of_a_marker_that_tells_nobody_apart_the_best_cutoff_is_none() -> None:
    rows = [{"patient": f"P{i:02d}", "responder": i % 2 == 0, IL6: float(i // 2)} for i in range(40)]
    output = run(Frame(rows, columns=COLUMNS), markers=[IL6])
    assert output["markers"][0]["best"]["threshold"] == "-Inf"
    assert ROC.headline(output)[-1].value is None
    assert "no cutoff does better" in output["warnings"][-1]


def test_r_reads_the_rows_of_a_cohort_too(r: R, tmp_path: Path) -> None:
    given, wanted = frame(), {"markers": [IL6, CD8], "positive": "non-responder"}
    output = run(given)
    frame_reproduced_by_r(r, tmp_path, ROC, given, wanted, output)


def test_too_few_of_one_class_refuse_the_curve() -> None:
    few = Frame(frame().rows[:25], columns=COLUMNS)
    marker = run(few)["markers"][0]
    assert marker["refused"].startswith("No curve: 3 cases")
    assert marker["auc"] is None
    assert ROC.figures(run(few)) == []


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ({"markers": []}, "markers"),
        ({"markers": [IL6, IL6]}, "markers"),
        ({"markers": [IL6], "positive": "PD"}, "positive"),
        ({"markers": [IL6], "direction": "up"}, "direction"),
        ({"markers": [IL6], "compare": "yes"}, "compare"),
    ],
)
def test_parameters_that_make_no_sense_are_named(parameters: dict[str, Any], name: str) -> None:
    with pytest.raises(ParameterError) as caught:
        ROC.check(parameters)
    assert caught.value.name == name
