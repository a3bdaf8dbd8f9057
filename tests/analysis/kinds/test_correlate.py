from pathlib import Path
from typing import Any

import pytest

from analysis.canonical import plain
from analysis.frames.frame import Frame
from analysis.kinds.base import ParameterError
from analysis.kinds.correlate import CORRELATE
from tests.analysis.tables.command import frame_reproduced_by_r
from tests.services.r import R

IL6, CRP, SEX = "blood:IL6", "blood:CRP", "baseline:sex"
COLUMNS = {
    IL6: {"label": "IL-6", "unit": "pg/mL"},
    CRP: {"label": "CRP", "unit": "mg/L"},
    SEX: {"label": "Sex", "unit": ""},
}


def frame(n: int = 30) -> Frame:
    rows = [
        {
            "patient": f"P{number:02d}",
            IL6: None if number == 2 else 10.0 + number,
            CRP: 5.0 + number + 4 * (number % 3),
            SEX: "m" if number % 2 else "f",
        }
        for number in range(n)
    ]
    return Frame(rows, columns=COLUMNS, absences={"P02": {IL6: "below the limit of detection"}})


def run(given: Frame, **parameters: Any) -> dict[str, Any]:
    wanted = {"columns": [IL6, CRP]} | parameters
    CORRELATE.check(wanted)
    return dict(plain(CORRELATE.compute(given, wanted)))


def test_the_variables_of_a_cohort_are_correlated_with_a_claim_for_each_pair() -> None:
    output = run(frame())
    assert output["n"] == 29
    assert output["dropped"] == {"no value of IL-6: below the limit of detection": 1}
    n, claim = CORRELATE.headline(output)
    assert n.value == 29
    assert (claim.label, claim.verdict) == ("Spearman's rho, IL-6 and CRP", "IL-6 rises with CRP")
    assert claim.value == output["pairs"][0]["r"]
    assert [figure.name for figure in CORRELATE.figures(output)] == ["scatter"]
    [shown] = CORRELATE.tables(output)
    assert len(shown.rows[0]) == len(shown.columns)


def test_r_gives_the_same_numbers(r: R, tmp_path: Path) -> None:
    wish = {"columns": [IL6, CRP, SEX], "method": "kendall"}
    frame_reproduced_by_r(r, tmp_path, CORRELATE, frame(), wish, run(frame(), **wish))


def test_what_is_no_number_is_refused_in_words() -> None:
    output = run(frame(), columns=[IL6, CRP, SEX])
    assert [pair["refused"] for pair in output["pairs"]] == [None, *["No correlation: Sex is not a number."] * 2]
    assert output["refused"] is None
    assert [claim.verdict for claim in CORRELATE.headline(output)[2:]] == ["no test", "no test"]
    assert [figure.name for figure in CORRELATE.figures(output)] == ["matrix"]


def test_too_few_patients_leave_no_claim_and_no_figure() -> None:
    output = run(frame(4))
    assert output["refused"].startswith("No correlation: 3 have")
    assert CORRELATE.figures(output) == []


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ({"columns": [IL6]}, "columns"),
        ({"columns": [IL6, IL6]}, "columns"),
        ({"columns": [IL6, "CRP"]}, "columns"),
        ({"method": "phi"}, "method"),
        ({"adjust": "by"}, "adjust"),
        ({"cutoff": 3}, "cutoff"),
    ],
)
def test_parameters_that_make_no_sense_are_named(parameters: dict[str, Any], name: str) -> None:
    with pytest.raises(ParameterError) as caught:
        CORRELATE.check({"columns": [IL6, CRP]} | parameters)
    assert caught.value.name == name
