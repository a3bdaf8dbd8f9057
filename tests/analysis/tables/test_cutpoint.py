"""`analyse cutpoint` on tables made here, against R where R is installed, and its refusals."""

from pathlib import Path

import numpy as np
import pytest

from analysis.stats.maxstat import maximally_selected
from analysis.stats.roc import roc, youden
from tests.analysis.tables.command import analyse, refused, reproduced_by_r, table
from tests.services.r import R

FOLLOW_UP = ("--time", "months", "--event", "status", "--event-value", "2")
RESPONSE = ("--outcome", "best response", "--positive", "PD")


@pytest.fixture
def patients(tmp_path: Path) -> Path:
    """High scores die early; ties in time and marker; blanks; names with a space."""
    random = np.random.default_rng(12)
    lines = ["id,months,status,FAP score,IL-6,best response"]
    for i in range(120):
        score, il6 = int(random.integers(0, 13)), random.lognormal(2, 0.7)
        months = random.exponential(9 if score > 7 else 24)
        response = "PD" if random.random() < (0.7 if il6 > 8 else 0.2) else ("SD", "PR")[i % 2]
        blank = "" if i in (5, 50) else str(score)
        lines.append(f"{i},{months:.0f},{random.integers(1, 3)},{blank},{il6:.2f},{'' if i == 9 else response}")
    return table(tmp_path, "\n".join(lines) + "\n")


@pytest.mark.parametrize(
    "wish",
    [
        (*FOLLOW_UP, "--marker", "FAP score"),
        (*FOLLOW_UP, "--marker", "IL-6", "--minprop", "0.2", "--seed", "77", "--resamples", "300"),
        (*RESPONSE, "--marker", "IL-6"),
        (*RESPONSE, "--marker", "FAP score", "--direction", ">", "--resamples", "200"),
    ],
)
def test_r_gives_the_same_numbers_down_to_the_resamples(
    r: R, patients: Path, tmp_path: Path, wish: tuple[str, ...]
) -> None:
    output = reproduced_by_r(r, tmp_path, "cutpoint", patients, *wish)
    assert output["refused"] is None
    assert output["status"] == "exploratory"
    assert output["bootstrap"]["low"] <= output["bootstrap"]["high"]


def test_the_cutoff_for_survival_is_the_maximally_selected_one(patients: Path) -> None:
    output = analyse("cutpoint", patients, *FOLLOW_UP, "--marker", "FAP score")
    rows = [line.split(",") for line in patients.read_text().splitlines()[1:]]
    known = [row for row in rows if row[3]]
    found = maximally_selected(
        [float(row[1]) for row in known], [row[2] == "2" for row in known], [float(row[3]) for row in known]
    )
    assert output["cutoff"] == found.cutoff == 7
    assert output["statistic"] == pytest.approx(found.statistic)
    assert output["p_corrected"] == pytest.approx(found.p_lausen94)
    assert output["p_lausen92"] == pytest.approx(found.p_lausen92)
    assert output["p"] < output["p_corrected"]
    assert (output["n"], output["n_low"] + output["n_high"]) == (118, 118)
    assert output["dropped"] == {"no value of FAP score": 2}
    assert output["hr"]["hr"] > 1
    assert [candidate["cutoff"] for candidate in output["candidates"]] == found.cuts.tolist()
    at = next(candidate for candidate in output["candidates"] if candidate["cutoff"] == 7)
    assert at["hr"] == pytest.approx(output["hr"]["hr"])


def test_the_cutoff_for_an_outcome_is_youdens_at_a_value_that_occurs(patients: Path) -> None:
    output = analyse("cutpoint", patients, *RESPONSE, "--marker", "IL-6")
    known = [row for line in patients.read_text().splitlines()[1:] if (row := line.split(","))[5]]
    values = [float(row[4]) for row in known]
    best = youden(roc([row[5] == "PD" for row in known], values))
    assert output["threshold"] == pytest.approx(best.threshold)
    assert output["cutoff"] == max(value for value in values if value < best.threshold)
    assert output["statistic"] == pytest.approx(best.youden)
    assert output["point"]["sensitivity"]["value"] == pytest.approx(best.sensitivity)
    assert output["p"] < output["p_corrected"] < 0.05
    assert output["correction"].startswith("exact distribution")
    assert output["dropped"] == {"no value of best response": 1}
    assert {candidate["cutoff"] for candidate in output["candidates"]} <= set(values)


def test_another_seed_draws_other_patients_and_the_same_seed_the_same(patients: Path) -> None:
    wish = ("cutpoint", patients, *FOLLOW_UP, "--marker", "IL-6", "--resamples", "150")
    one, same, other = analyse(*wish), analyse(*wish, "--seed", "1"), analyse(*wish, "--seed", "2")
    assert one == same
    assert one["bootstrap"] != other["bootstrap"]
    assert one["cutoff"] == other["cutoff"]


def test_a_side_with_few_patients_has_no_p_of_its_own(tmp_path: Path) -> None:
    rows = [f"{5 if i < 5 else 20 + i},1,{100 + i if i < 5 else 17 * i % 41}" for i in range(45)]
    output = analyse(
        "cutpoint", table(tmp_path, "t,e,m\n" + "\n".join(rows)), "--time", "t", "--event", "e", "--marker", "m"
    )
    assert output["n_high"] == 6
    assert output["p"] is None
    assert output["hr"] is None
    assert output["p_corrected"] is not None
    assert "high has 6 patients, fewer than 10" in output["warnings"][0]


def test_many_looks_are_never_surer_than_one(tmp_path: Path) -> None:
    # Three values far apart and a huge statistic: there Lausen's expansion of 1994 is below the p of a single look.
    rows = [f"{1 + i % 7 + 100 * (i % 3 > 0)},1,{i % 3}" for i in range(900)]
    path = table(tmp_path, "t,e,m\n" + "\n".join(rows))
    output = analyse("cutpoint", path, "--time", "t", "--event", "e", "--marker", "m")
    assert output["p_lausen94"] < output["p"]
    assert output["p_corrected"] == output["p"]


def test_resamples_without_a_cutoff_are_said(patients: Path) -> None:
    output = analyse("cutpoint", patients, *RESPONSE, "--marker", "FAP score", "--direction", ">")
    assert output["bootstrap"]["without_cutoff"] > 10
    assert "of the resamples there is no cutoff" in output["warnings"][0]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ((*FOLLOW_UP, "--marker", "FAP score", "--where", "id<15"), "No cutoff: 14 patients"),
        ((*FOLLOW_UP, "--marker", "status"), "No cutoff of the marker"),
        ((*RESPONSE, "--marker", "IL-6", "--where", "id<20"), "No cutoff: "),
    ],
)
def test_too_few_or_nothing_to_choose_from_is_said_and_nothing_is_given(
    patients: Path, options: tuple[str, ...], sentence: str
) -> None:
    if "status" in options[-1]:
        options = (*options, "--where", "status=2")
    output = analyse("cutpoint", patients, *options)
    assert sentence in output["refused"]
    for key in ("cutoff", "statistic", "p", "p_corrected", "bootstrap"):
        assert output[key] is None
    assert output["candidates"] == []
    assert output["n"] > 0


def test_nobody_with_all_values_is_no_error(tmp_path: Path) -> None:
    path = table(tmp_path, "t,e,m\n1,1,\n2,0,\n")
    output = analyse("cutpoint", path, "--time", "t", "--event", "e", "--marker", "m")
    assert output["n"] == 0
    assert output["dropped"] == {"no value of m": 2}
    assert output["refused"]


@pytest.mark.parametrize("ending", ["svg", "png", "pdf"])
@pytest.mark.parametrize("wish", [(*FOLLOW_UP, "--marker", "FAP score"), (*RESPONSE, "--marker", "IL-6")])
def test_the_figure_is_drawn(patients: Path, tmp_path: Path, wish: tuple[str, ...], ending: str) -> None:
    drawn = tmp_path / f"cutoffs.{ending}"
    analyse("cutpoint", patients, *wish, "--resamples", "100", "--figure", drawn)
    assert drawn.stat().st_size > 2000


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        ((*FOLLOW_UP,), ("--marker",)),
        (("--marker", "IL-6"), ("--time",)),
        ((*FOLLOW_UP, "--marker", "best response"), ("Column best response", "row 2")),
        ((*FOLLOW_UP, "--marker", "IL-8"), ("'IL-8'", "IL-6")),
        ((*FOLLOW_UP, "--marker", "IL-6", "--minprop", "0.6"), ("--minprop", "one half")),
        ((*FOLLOW_UP, "--marker", "IL-6", "--resamples", "3"), ("--resamples", "100")),
        ((*FOLLOW_UP, "--marker", "IL-6", "--seed", "-4"), ("--seed", "2147483647")),
        ((*FOLLOW_UP, "--marker", "IL-6", "--positive", "PD"), ("--positive", "--outcome")),
        ((*RESPONSE, "--marker", "IL-6", "--time", "months"), ("--time", "--outcome")),
        ((*RESPONSE, "--marker", "IL-6", "--minprop", "0.2"), ("--minprop", "survival")),
        (("--outcome", "best response", "--positive", "CR", "--marker", "IL-6"), ("best response", "'CR'")),
        (("--outcome", "best response", "--marker", "IL-6"), ("Column best response", "row 2")),
        (("--outcome", "IL-6", "--marker", "IL-6"), ("both marker and outcome",)),
    ],
)
def test_wrong_input_is_one_sentence_that_names_the_place(
    patients: Path, options: tuple[str, ...], parts: tuple[str, ...]
) -> None:
    sentence = refused("cutpoint", patients, *options)
    for part in parts:
        assert part in sentence
    assert "\n" not in sentence


def test_without_a_file_there_is_nothing_to_do() -> None:
    assert "file" in refused("cutpoint", *FOLLOW_UP, "--marker", "x")
