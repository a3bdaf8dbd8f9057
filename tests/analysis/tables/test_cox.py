"""`analyse cox` on tables made here, against R where R is installed, and its refusals."""

from pathlib import Path

import numpy as np
import pytest

from tests.analysis.tables.command import analyse, refused, reproduced_by_r, table
from tests.services.r import R

FOLLOW_UP = ("--time", "months", "--event", "dead")


@pytest.fixture
def patients(tmp_path: Path) -> Path:
    """Ties, blanks, a stage in numbers, a sex in T and F, a name with a colon and one with a space and a quote."""
    random = np.random.default_rng(11)
    lines = ['id,centre,entered,months,dead,age,stage,sex,ihc:FAP,"the ""arm""",recorded as']
    for i in range(160):
        age, stage, fap = int(random.integers(35, 80)), int(random.integers(1, 5)), int(random.integers(0, 13))
        hazard = np.exp(0.02 * (age - 60) + 0.3 * stage + 0.05 * fap)
        months = max(1, round(random.exponential(40 / hazard)))
        start = int(random.integers(0, months))
        shown = "" if i == 7 else str(age)
        arm = ("TACE", 'TACE "plus" ICI', "none")[i % 3].replace('"', '""')
        dead = int(random.random() < 0.7)
        sex = "TF"[i % 2]
        lines.append(f'{i},{"abcdefgh"[i % 8]},{start},{months},{dead},{shown},{stage},{sex},{fap},"{arm}",{stage}.0')
    return table(tmp_path, "\n".join(lines) + "\n")


@pytest.mark.parametrize(
    "wish",
    [
        ("--covariates", "age,factor(stage),sex"),
        ("--covariates", "age,factor(stage),sex", "--ties", "breslow"),
        ("--covariates", "age,stage", "--ties", "exact"),
        ("--covariates", "age,ihc:FAP,age:ihc:FAP"),
        ("--covariates", 'the "arm",sex,sex:the "arm",age:sex'),
        ("--covariates", "sex:age,factor(stage)"),
        ("--covariates", "age:factor(stage):sex,sex,age,age:sex,sex:factor(stage),factor(stage):age,factor(stage)"),
        ("--covariates", "age,ihc:FAP", "--strata", "sex,centre"),
        ("--covariates", "age,sex", "--cluster", "centre"),
        ("--covariates", "age,factor(stage)", "--start", "entered"),
        ("--covariates", "age,sex", "--start", "entered", "--strata", 'the "arm"', "--cluster", "id"),
        ("--covariates", "age,sex", "--landmark", "4"),
        ("--covariates", "age,factor(stage,ref=3),age:factor(stage),factor(sex, ref = T)"),
    ],
    ids=lambda wish: " ".join(wish[1:]),
)
def test_r_gives_the_same_numbers(r: R, patients: Path, tmp_path: Path, wish: tuple[str, ...]) -> None:
    output = reproduced_by_r(r, tmp_path, "cox", patients, *FOLLOW_UP, *wish)
    assert output["refused"] is None
    assert output["terms"]
    assert bool(output["ph"]) == ("exact" not in wish)


def test_terms_are_named_as_r_names_them(patients: Path) -> None:
    output = analyse("cox", patients, *FOLLOW_UP, "--covariates", "age:factor(stage),age,sex,factor(stage)")
    assert [term["term"] for term in output["terms"]] == [
        "age",
        "sexT",
        "factor(stage)2",
        "factor(stage)3",
        "factor(stage)4",
        "age:factor(stage)2",
        "age:factor(stage)3",
        "age:factor(stage)4",
    ]
    assert [row["term"] for row in output["ph"]] == ["age", "sex", "factor(stage)", "age:factor(stage)", "GLOBAL"]
    assert output["terms"][1]["label"] == "sex: T against F"
    assert output["terms"][5]["label"] == "age × stage: 2 against 1"


def test_a_reference_is_the_level_that_is_asked_for(patients: Path) -> None:
    output = analyse("cox", patients, *FOLLOW_UP, "--covariates", "factor(stage,ref=3),factor(sex,ref=T)")
    assert [term["term"] for term in output["terms"]] == [
        "factor(stage)1",
        "factor(stage)2",
        "factor(stage)4",
        "factor(sex)F",
    ]
    assert {term["reference"] for term in output["terms"]} == {"3", "T"}


def test_the_counts_the_criteria_and_the_dropped_belong_together(patients: Path) -> None:
    output = analyse("cox", patients, *FOLLOW_UP, "--covariates", "age,factor(stage)")
    assert output["n"] == 159
    assert output["dropped"] == {"no value of age": 1}
    assert output["events_per_variable"] == pytest.approx(output["events"] / 4)
    assert output["aic"] == pytest.approx(-2 * output["loglik"][1] + 8)
    assert output["bic"] == pytest.approx(-2 * output["loglik"][1] + 4 * np.log(output["events"]))
    assert output["tests"]["lr"]["chi2"] == pytest.approx(2 * (output["loglik"][1] - output["loglik"][0]))
    assert output["terms"][0]["robust_se"] is None


def test_with_clusters_the_error_used_is_the_robust_one(patients: Path) -> None:
    output = analyse("cox", patients, *FOLLOW_UP, "--covariates", "age", "--cluster", "centre")
    [term] = output["terms"]
    assert term["se"] == term["robust_se"] != term["naive_se"]
    assert term["z"] == pytest.approx(term["coef"] / term["robust_se"])
    assert output["n_clusters"] == 8


def test_few_events_per_variable_are_a_warning(patients: Path) -> None:
    wish = ("--covariates", "age,factor(stage),sex,ihc:FAP", "--where", "months>14")
    output = analyse("cox", patients, *FOLLOW_UP, *wish)
    assert any("per variable" in warning for warning in output["warnings"]), output["events"]


def test_a_landmark_leaves_out_who_left_before_it(patients: Path) -> None:
    whole = analyse("cox", patients, *FOLLOW_UP, "--covariates", "age")
    later = analyse("cox", patients, *FOLLOW_UP, "--covariates", "age", "--landmark", "4", "--time-unit", "months")
    before = sum(n for reason, n in later["dropped"].items() if "landmark of 4 months" in reason)
    assert later["n"] + before == whole["n"]
    assert later["endpoint"] == "months from 4 months"


@pytest.mark.parametrize(
    ("where", "said"),
    [("id<6", "fewer than 10"), ("sex=T", "sex has the same value"), ("months>1000", "fewer than 10")],
)
def test_too_few_data_are_a_refusal_without_numbers(patients: Path, where: str, said: str) -> None:
    output = analyse("cox", patients, *FOLLOW_UP, "--covariates", "age,sex", "--where", where)
    assert said in output["refused"]
    assert output["terms"] == []
    assert output["tests"] is None


def test_a_covariate_that_orders_the_events_is_a_refusal(tmp_path: Path) -> None:
    rows = "\n".join(f"{20 - i if i < 10 else 50 + i},{int(i < 10)},{int(i < 10)}" for i in range(30))
    output = analyse("cox", table(tmp_path, f"t,e,x\n{rows}\n"), "--time", "t", "--event", "e", "--covariates", "x")
    assert output["refused"].startswith("No model:")


def test_a_refusal_still_writes_a_script_that_runs(r: R, patients: Path, tmp_path: Path) -> None:
    script = tmp_path / "none.R"
    wish = ("--covariates", "age", "--where", "months>1000", "--r-script", script)
    analyse("cox", patients, *FOLLOW_UP, *wish)
    assert r.run(script) == ""


@pytest.mark.parametrize("ending", ["svg", "png", "pdf"])
def test_the_figure_is_drawn(patients: Path, tmp_path: Path, ending: str) -> None:
    drawn = tmp_path / f"forest.{ending}"
    analyse("cox", patients, *FOLLOW_UP, "--covariates", "age,factor(stage)", "--figure", drawn)
    assert drawn.stat().st_size > 2000


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        ((), ("--covariates",)),
        (("--covariates", "age,weight"), ("'weight'",)),
        (("--covariates", "age,factor(weight)"), ("factor(weight)",)),
        (("--covariates", "age,age"), ("'age'", "twice")),
        (("--covariates", "age,sex:age,age:sex"), ("age:sex", "twice")),
        (("--covariates", "age:age"), ("itself",)),
        (("--covariates", "stage,factor(stage)"), ("number", "factor(stage)")),
        (("--covariates", "factor(stage,ref=9)"), ("Column stage", "'9'", "reference")),
        (("--covariates", "factor(stage,ref=1),age:factor(stage,ref=2)"), ("two references",)),
        (("--covariates", "age", "--strata", "age"), ("strata", "age")),
        (("--covariates", "age", "--cluster", "age"), ("cluster", "age")),
        (("--covariates", "age", "--cluster", "centre", "--ties", "exact"), ("cluster", "exact")),
        (("--covariates", "age", "--start", "entered", "--ties", "exact"), ("--start", "exact")),
        (("--covariates", "age", "--start", "months"), ("Column months", "row 2", "not before")),
        (("--covariates", "age", "--start", "entered", "--landmark", "3"), ("--landmark", "--start")),
        (("--covariates", "age", "--landmark", "0"), ("landmark", "above zero")),
    ],
    ids=" ".join,
)
def test_wrong_wishes_are_one_sentence(patients: Path, options: tuple[str, ...], parts: tuple[str, ...]) -> None:
    sentence = refused("cox", patients, *FOLLOW_UP, *options)
    for part in parts:
        assert part in sentence
    assert "\n" not in sentence


def test_a_covariate_that_is_called_as_follow_up_is_not_taken_for_it(tmp_path: Path) -> None:
    rows = "\n".join(f"{i},1,{i % 7}" for i in range(1, 30))
    sentence = refused(
        "cox", table(tmp_path, f"days,dead,time\n{rows}\n"), "--time", "days", "--event", "dead", "--covariates", "time"
    )
    assert "Column time" in sentence
