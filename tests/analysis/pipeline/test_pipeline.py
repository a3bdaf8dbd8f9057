"""`analyse pipeline`: from candidates to a validated score, resumed where it stopped, honest where there is none."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.analysis.tables.command import analyse, refused, table
from tests.analysis.tables.prognostic import FOLLOW_UP, GENES, patients

WISH = (
    *FOLLOW_UP,
    "--time-unit",
    "months",
    "--covariates",
    ",".join(GENES),
    "--clinical",
    "age,factor(stage),sex",
    "--resamples",
    "10",
)


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return patients(tmp_path_factory.mktemp("patients"), 160)


def other(folder: Path, header: str | None = None) -> Path:
    """Another cohort of the same hazard, with fewer columns."""
    random = np.random.default_rng(8)
    x = random.normal(size=(90, len(GENES)))
    months = np.ceil(random.exponential(30 / np.exp(0.8 * x[:, 0] - 0.6 * x[:, 1])))
    lines = [header or ",".join(["months", "dead", *GENES])]
    lines += [
        f"{int(t)},{int(random.random() < 0.7)},{','.join(map(str, row))}" for t, row in zip(months, x, strict=True)
    ]
    return table(folder, "\n".join(lines) + "\n", "other.csv")


def test_every_step_is_done_and_a_second_run_goes_on_where_it_stopped(rows: Path, tmp_path: Path) -> None:
    out = tmp_path / "made"
    wish = (*WISH, "--external", other(tmp_path), "--out", out)
    first = analyse("pipeline", rows, *wish, "--times", "12,24")
    assert [step["step"] for step in first["steps"] if step["refused"]] == []
    assert [step["step"] for step in first["steps"]] == [
        *(
            "screen",
            "lasso",
            "stepwise",
            "survival",
            "timeroc",
            "external-cox",
            "external-survival",
            "external-timeroc",
        ),
        *("clinical", "nomogram", "nomogram-timeroc", "calibration-12", "calibration-24", "decision-12", "decision-24"),
    ]
    assert list(first["signature"])[:2] == ["g0", "g1"] and first["signature"]["g0"] > 0 > first["signature"]["g1"]
    steps = {step["step"]: step["output"] for step in first["steps"]}
    assert (
        steps["external-survival"]["cutoff"]["value"]
        == first["cutoff"]["value"]
        == steps["survival"]["cutoff"]["value"]
    )
    assert steps["external-cox"]["terms"][0]["hr"] > 1
    assert steps["clinical"]["n"] == first["n"] - 1 and steps["clinical"]["dropped"] == {"no value of age": 1}
    # Points are the linear predictor in another unit: they order the patients as the model does.
    assert steps["nomogram-timeroc"]["times"][0]["auc"] > 0.7
    report = (out / "report.md").read_text()
    for picture in (out / "figures").iterdir():
        assert f"figures/{picture.name}" in report
    assert "EXPLORATORY" in (out / "figures" / "survival-km.svg").read_text()
    card = json.loads((out / "model-card.json").read_text())
    assert card["in_others"]["areas"] and len(card["corrected"]) == 2
    assert {term["name"]: term["coefficient"] for term in card["terms"]} == first["signature"]

    # Killed while a step was written; then asked for one more time.
    (out / "steps" / "nomogram.json").write_text('{"key": "')
    (out / "steps" / "calibration-24.json").unlink()
    again = analyse("pipeline", rows, *wish, "--times", "12,24")
    assert again["computed"] == ["nomogram", "calibration-24"]
    assert again["steps"] == first["steps"]
    more = analyse("pipeline", rows, *wish, "--times", "12,24,36")
    assert {"screen", "lasso", "stepwise", "calibration-12"} <= set(more["reused"])
    assert {"timeroc", "calibration-36"} <= set(more["computed"])


def test_without_a_score_the_rest_says_why(rows: Path, tmp_path: Path) -> None:
    wish = ("--threshold", "0.0000000001", "--times", "12", "--out", tmp_path / "none")
    output = analyse("pipeline", rows, *WISH, *wish)
    assert output["signature"] == {} and output["cutoff"] is None
    assert output["refused"].startswith("There is no score: no candidate has p < 1e-10")
    assert "No score was found." in (tmp_path / "none" / "report.md").read_text()
    few = analyse("pipeline", rows, *WISH, "--times", "12", "--out", tmp_path / "few", "--where", "months<2")
    assert "fewer than" in few["refused"]


def test_another_cohort_without_the_genes_is_a_step_that_says_so(rows: Path, tmp_path: Path) -> None:
    header = ",".join(["months", "dead", *(f"h{place}" for place in range(len(GENES)))])
    out = ("--external", other(tmp_path, header), "--out", tmp_path / "made", "--times", "12")
    output = analyse("pipeline", rows, *WISH, *out)
    [step] = [step for step in output["steps"] if step["refused"]]
    assert (step["step"], step["refused"]) == ("external-cox", "other.csv has no column g0.")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--times", "12"), "--out"),
        (("--out", "x"), "--times"),
        (("--out", "x", "--times", "0"), "--times"),
        (("--out", "x", "--times", "12", "--folds", "2"), "--folds"),
        (("--out", "x", "--times", "12", "--threshold", "2"), "--threshold"),
        (("--out", "x", "--times", "12", "--clinical", "age,g0"), "g0 is a candidate too"),
        (("--out", "x", "--times", "12", "--clinical", "weight"), "'weight'"),
    ],
)
def test_wrong_wishes_are_one_sentence(
    rows: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    sentence = refused("pipeline", rows, *WISH, *options)
    assert said in sentence and "\n" not in sentence
    assert not Path("x").exists()


def test_on_public_tumours_the_report_says_what_agrees_with_the_study(
    hepatica_data: Path, tmp_path: Path, compared: Any
) -> None:
    path = tumours(hepatica_data, tmp_path)
    wish = ("--time", "months", "--event", "dead", "--endpoint", "OS", "--time-unit", "months", "--unit", "TPM")
    genes = "S100A11,PUSL1,NT5DC2,KLHDC8B,TEAD4,HOMER3,FLYWCH2,CCDC124,HID1,NPM3"
    out = tmp_path / "lihc"
    more = ("--covariates", genes, "--clinical", "age,stage,ecog", "--times", "12,24,36", "--study", "gao-2025")
    output = analyse("pipeline", path, *wish, *more, "--resamples", "20", "--out", out)
    assert (output["n"], output["events"]) == (155, 55)
    assert [step["step"] for step in output["steps"] if step["refused"]] == ["external-cox"]
    rows = {row["what"]: row for row in output["study"]}
    coefficients = {what: row["here"] for what, row in rows.items() if what.startswith("Coefficient")}
    assert [here.split()[0] for here in coefficients.values()] == ["0.00032", "0.03535"]
    assert {"The signature", "High score: shorter survival", "AUC of the published score at 3 years"} <= set(rows)
    report = (out / "report.md").read_text()
    for row in rows.values():
        assert f"| {row['what']} | {row['study']} | {row['here']} |" in report
    compared(len(coefficients) + 2)


def tumours(folder: Path, into: Path) -> Path:
    """Primary tumours with expression (TPM) and overall survival, with the clinical features of the nomogram."""
    clinical = _table(folder / "tcga_lihc_clinical" / "lihc_clinical_tidy.tsv", "patient")
    lines = []
    for aliquot, row in _table(folder / "tcga_lihc_fpkm" / "target_genes_tpm.tsv", "aliquot").items():
        patient = clinical.get(aliquot[:12], {})
        if aliquot[13:15] != "01" or float(patient.get("OS.time") or 0) <= 0:
            continue
        stage = patient["stage_ajcc"].removeprefix("Stage ").rstrip("ABC")
        values = {"patient": aliquot[:12], "OS": patient["OS"], "OS.time": patient["OS.time"]}
        values |= {"months": str(float(patient["OS.time"]) / 30.4375), "dead": patient["OS"], "age": patient["age"]}
        values |= {"stage": {"I": "1", "II": "2", "III": "3", "IV": "4"}.get(stage, ""), "ecog": patient["ecog"]}
        lines.append(values | {name: value for name, value in row.items() if name != "aliquot"})
    content = [",".join(lines[0]), *(",".join(line.values()) for line in lines)]
    return table(into, "\n".join(content) + "\n", "tumours.csv")


def _table(path: Path, key: str) -> dict[str, dict[str, str]]:
    header, *lines = (line.split("\t") for line in path.read_text().splitlines())
    rows = [dict(zip(header, line, strict=False)) for line in lines]
    return {row[key]: row for row in rows}
