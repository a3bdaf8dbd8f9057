"""From a file to a score by way of the registry: imported, computed, registered, and validated in other patients."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from analysis.engine.execution import run_stale
from analysis.engine.models import Analysis, Result
from analysis.riskmodels.registering import score_register
from analysis.scores.models import PatientScore
from analysis.standing import last_run
from registry.log.actors import Actor
from tests.analysis.pipeline.test_pipeline import tumours
from tests.analysis.tables.command import analyse

pytestmark = pytest.mark.django_db
MAPPING = Path(settings.BASE_DIR) / "docs" / "examples" / "tcga-lihc.toml"
GENES = "S100A11,PUSL1,NT5DC2,KLHDC8B,TEAD4,HOMER3,FLYWCH2,CCDC124,HID1,NPM3"


def stored(code: str, kind: str, **parameters: str) -> Result:
    asked = {f"parameters__{name}": value for name, value in parameters.items()}
    found = Analysis.objects.get(cohort__code=code, kind=kind, **asked).current
    assert found
    return found


def half(path: Path, into: Path, remainder: int) -> Path:
    header, *lines = path.read_text().splitlines()
    into.write_text("\n".join([header, *lines[remainder::2]]) + "\n")
    return into


def other_mapping(code: str, into: Path) -> Path:
    """The same columns as another cohort, which asks nothing by itself."""
    content = MAPPING.read_text().replace('code = "tcga-lihc"', f'code = "{code}"')
    content = content.replace('study_number = "patient"', f'study_number = "patient"\nprefix = "{code}-"')
    into.write_text(content[: content.index("# The whole way")])
    return into


def test_public_tumours_run_from_the_import_to_a_report_that_names_the_study(
    hepatica_data: Path, tmp_path: Path, compared: Any
) -> None:
    path = tumours(hepatica_data, tmp_path)
    mapping = tmp_path / "fewer-resamples.toml"
    mapping.write_text(MAPPING.read_text().replace("resamples = 200", "resamples = 10"))
    call_command("import_cohort", str(path), mapping=mapping)
    run_stale("test")
    output = stored("tcga-lihc", "pipeline").output_values
    assert (output["n"], output["events"]) == (155, 55)
    study = {row["what"]: row for row in output["study"]}
    coefficients = [row["here"].split()[0] for what, row in study.items() if what.startswith("Coefficient")]
    assert coefficients == ["0.00032", "0.03535"]
    assert {row["agrees"] for row in output["study"]} == {True, False}
    # The same numbers as on the table itself.
    wish = ("--time", "months", "--event", "dead", "--time-unit", "months", "--unit", "TPM", "--study", "gao-2025")
    more = ("--covariates", GENES, "--clinical", "age,stage,ecog", "--times", "12,24,36", "--resamples", "10")
    on_file = analyse("pipeline", path, *wish, *more, "--out", tmp_path / "out")
    here = {term["label"]: term["coef"] for term in output["score"]["terms"]}
    assert here == pytest.approx(on_file["signature"], rel=1e-9)
    assert output["score"]["above"] == pytest.approx(on_file["cutoff"]["value"], rel=1e-9)
    assert [row["here"] for row in output["study"]] == [row["here"] for row in on_file["study"]]
    # The published score has its values here, in its unit.
    assert stored("tcga-lihc", "validation").output_values["n"] == 155
    assert PatientScore.objects.filter(result=stored("tcga-lihc", "validation")).count() == 155
    compared(len(coefficients) + len(here) + len(output["study"]))


def test_a_score_made_in_half_of_the_tumours_is_validated_in_the_other_half(
    hepatica_data: Path, tmp_path: Path
) -> None:
    path = tumours(hepatica_data, tmp_path)
    for place, code in enumerate(("one", "two")):
        mapping = other_mapping(code, tmp_path / f"{code}.toml")
        call_command("import_cohort", str(half(path, tmp_path / f"{code}.csv", place)), mapping=mapping)
    one = Analysis.objects.get(cohort__code="one", kind="validation").cohort
    call_command(
        "import_cohort", str(tmp_path / "one.csv"), mapping=_asking(tmp_path / "one.toml", tmp_path / "asks.toml")
    )
    run_stale("test")
    analysis = Analysis.objects.get(cohort=one, kind="cox")
    run = last_run(analysis)
    assert run
    score_register(run=run, code="pair", title="A pair of genes", by=Actor.system("test"), reason="to be validated")
    run_stale("test")
    found = {row.cohort.code: row for row in Analysis.objects.filter(kind="validation", parameters__model="pair")}
    assert set(found) == {"one", "two"}
    own, external = (stored(code, "validation", model="pair").output_values for code in ("one", "two"))
    assert own["is_own"] and not external["is_own"]
    assert own["slope"]["coef"] == pytest.approx(1, abs=1e-6)
    assert external["slope"]["coef"] != pytest.approx(1, abs=1e-3)
    assert own["n"] + external["n"] == 155


def _asking(mapping: Path, into: Path) -> Path:
    asks = '[[analyses]]\nslug = "pair"\ntitle = "Two genes"\nkind = "cox"\n\n[analyses.parameters]\n'
    into.write_text(f'{mapping.read_text()}\n{asks}endpoint = "OS"\ncovariates = ["extra:S100A11", "extra:PUSL1"]\n')
    return into
