"""`analyse screen` and `analyse lasso`: against R where R has the packages, what they refuse, what they draw."""

from pathlib import Path

import numpy as np
import pytest

from analysis.stats.coxnet_cv import cross_validate
from analysis.stats.folds import fold_ids
from tests.analysis.tables.command import analyse, compare, refused, reproduced_by_r
from tests.analysis.tables.prognostic import FOLLOW_UP, GENES, patients
from tests.services.r import R

CHOSEN = ("--covariates", ",".join(["age", *GENES]))


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return patients(tmp_path_factory.mktemp("patients"))


@pytest.mark.parametrize("wish", [(), ("--ties", "breslow", "--adjust", "holm", "--by", "p")], ids=["usual", "other"])
def test_a_screen_is_that_of_r(r: R, rows: Path, tmp_path: Path, wish: tuple[str, ...]) -> None:
    output = reproduced_by_r(r, tmp_path, "screen", rows, *FOLLOW_UP, "--all", *wish)
    assert [row["term"] for row in output["rows"]] == ["age", "stage", *GENES, "flat", "sparse"]
    assert {"g0", "g1"} <= set(output["chosen"]) and "g5" not in output["chosen"]
    age, flat, sparse = output["rows"][0], output["rows"][-2], output["rows"][-1]
    assert (age["n"], output["n"]) == (119, 120)
    assert "same value" in flat["refused"] and "Fewer than 10" in sparse["refused"]
    assert flat["p"] is sparse["p"] is flat["q"] is None
    assert output["tested"] == 10
    assert output["notes"] == ["Left out, as they hold no numbers: id, sex, fold."]


def test_a_lasso_is_the_cross_validation_of_its_rows(rows: Path, tmp_path: Path) -> None:
    script = tmp_path / "lasso.R"
    output = analyse("lasso", rows, *FOLLOW_UP, *CHOSEN, "--seed", "3", "--r-script", script)
    assert output["dropped"] == {"no value of age": 1}
    assert output["notes"] == ["age has no value in row 9."]
    content = np.genfromtxt(script.with_suffix(".csv"), delimiter=",", names=True, dtype=float)
    x = np.column_stack([content[name] for name in ("age", *GENES)])
    found = cross_validate(content["time"], content["event"], x, names=["age", *GENES], folds=fold_ids(119, 10, 3))
    assert output["lambda_min"] == pytest.approx(found.lambda_min)
    assert output["cvm"] == pytest.approx(found.mean.tolist())
    assert list(output["coef"]["lambda_1se"].values()) == pytest.approx(found.path.coef[found.within_error].tolist())
    assert output["coef"]["lambda_min"]["g0"] > 0 > output["coef"]["lambda_min"]["g1"]
    assert "library(glmnet)" in script.read_text() and "# Needs the packages survival, glmnet." in script.read_text()


@pytest.mark.parametrize("wish", [("--folds", "fold"), ("--folds", "5", "--seed", "3", "--alpha", "0.5")])
def test_where_glmnet_is_there_it_gives_the_same(r: R, rows: Path, tmp_path: Path, wish: tuple[str, ...]) -> None:
    asked = tmp_path / "asked.R"
    asked.write_text('cat(requireNamespace("glmnet", quietly = TRUE))')
    if r.run(asked) != "TRUE":
        pytest.skip("R has no glmnet here")
    script = tmp_path / "same.R"
    output = analyse("lasso", rows, *FOLLOW_UP, *CHOSEN, *wish, "--r-script", script)
    # What glmnet leaves of its way to the optimum; our own is 1e-9.
    compare(output, r.run(script), 1e-5)


def test_folds_may_be_a_column_which_all_does_not_mean(rows: Path) -> None:
    output = analyse("lasso", rows, *FOLLOW_UP, "--all", "--folds", "fold", "--where", "age>1", "--where", "sparse<9")
    assert output["refused"].startswith("No model: 7 patients")
    by_column = analyse("lasso", rows, *FOLLOW_UP, *CHOSEN, "--folds", "fold", "--alpha", "0.5")
    assert max(by_column["folds"]) == 5 and by_column["seed"] is None and by_column["alpha"] == 0.5
    flat = analyse("lasso", rows, *FOLLOW_UP, "--covariates", "g0,g1,flat")
    assert "flat has the same value" in flat["warnings"][1] and flat["coef"]["lambda_min"]["flat"] == 0


@pytest.mark.parametrize("kind", ["screen", "lasso"])
def test_the_figure_is_drawn_and_few_patients_are_refused(kind: str, rows: Path, tmp_path: Path) -> None:
    drawn = tmp_path / "drawn.svg"
    analyse(kind, rows, *FOLLOW_UP, *CHOSEN, "--figure", drawn)
    assert "g0" in drawn.read_text()
    analyse(kind, rows, *FOLLOW_UP, *CHOSEN, "--figure", drawn, "--draw", {"lasso": "cv", "screen": "forest"}[kind])
    assert {"lasso": "Deviance per event", "screen": "Ratio (95 % CI)"}[kind] in drawn.read_text()
    assert "the figures are" in refused(kind, rows, *FOLLOW_UP, *CHOSEN, "--figure", drawn, "--draw", "pie")
    assert "fewer than 10" in analyse(kind, rows, *FOLLOW_UP, *CHOSEN, "--where", "g0>1.7")["refused"]


@pytest.mark.parametrize(
    ("kind", "options", "said"),
    [
        ("screen", (), "--all"),
        ("screen", ("--covariates", "g0", "--all"), "--all"),
        ("screen", ("--covariates", "g0,sex"), "Column sex, row 2: 'M' is not a number"),
        ("screen", ("--covariates", "g0,gx"), "no column 'gx'"),
        ("screen", ("--all", "--threshold", "0"), "--threshold"),
        ("lasso", ("--covariates", "g0,g0"), "twice"),
        ("lasso", ("--covariates", "g0,g1", "--alpha", "2"), "--alpha"),
        ("lasso", ("--covariates", "g0,g1", "--folds", "2"), "--folds"),
        ("lasso", ("--covariates", "g0,g1", "--folds", "g1"), "a covariate too"),
        ("lasso", ("--covariates", "g0,g1", "--folds", "nobody"), "no column 'nobody'"),
    ],
)
def test_wrong_wishes_are_one_sentence(rows: Path, kind: str, options: tuple[str, ...], said: str) -> None:
    sentence = refused(kind, rows, *FOLLOW_UP, *options)
    assert said in sentence and "\n" not in sentence
