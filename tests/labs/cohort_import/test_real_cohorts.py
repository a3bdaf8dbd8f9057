"""The two public cohorts that the examples describe, with what is known of them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from analysis.engine.execution import run_stale
from analysis.engine.models import Analysis
from registry.clinical.models import ImportedTime, ReportedResponse
from registry.log.models import Change
from registry.patients.models import Enrolment

pytestmark = pytest.mark.django_db

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"
Compared = Callable[[int], None]


def load(file: Path, example: str) -> None:
    call_command("import_cohort", file, mapping=EXAMPLES / example, json=True)
    before = Change.objects.count()
    call_command("import_cohort", file, mapping=EXAMPLES / example, json=True)
    assert Change.objects.count() == before, "the second run changes nothing"


def outputs() -> dict[str, dict[str, Any]]:
    run_stale("test")
    return {each.slug: each.current.output_values for each in Analysis.objects.all() if each.current}


def test_the_resected_hepatocellular_carcinomas(hepatica_data: Path, compared: Compared) -> None:
    load(hepatica_data / "hcc_cxcl17_ihc_asaur" / "hepatoCellular.csv", "hepatocellular.toml")
    assert Enrolment.objects.count() == 227
    assert ImportedTime.objects.filter(endpoint="OS", is_event=True).count() == 97
    assert ImportedTime.objects.filter(endpoint="RFS", is_event=True).count() == 143
    found = outputs()
    assert [group["median"] for group in found["rfs"]["groups"]] == [19]
    for slug, chi2, p, ratio in (("rfs-by-cxcl17", 7.947, 0.0048, 1.61), ("os-by-cxcl17", 5.092, 0.0240, 1.59)):
        output = found[slug]
        assert sorted(group["n"] for group in output["groups"]) == [113, 114]
        assert output["logrank"]["chi2"] == pytest.approx(chi2, abs=5e-4)
        assert output["logrank"]["p"] == pytest.approx(p, abs=5e-5)
        assert output["hr"]["hr"] == pytest.approx(ratio, abs=5e-3)
    compared(12)


@pytest.mark.one_database  # the larger; the other one is imported on both
def test_the_patients_on_checkpoint_inhibitors(hepatica_data: Path, compared: Compared) -> None:
    load(hepatica_data / "loris_icb_labs" / "Chowell_train.csv", "chowell.toml")
    assert Enrolment.objects.count() == 964
    assert ReportedResponse.objects.filter(is_responder=True).count() == 282
    markers = {marker["name"]: marker for marker in outputs()["roc-of-response"]["markers"]}
    for name, auc, direction in (("blood:ALB", 0.6064, "<"), ("blood:NLR", 0.5735, ">"), ("blood:TMB", 0.6087, "<")):
        assert markers[name]["auc"] == pytest.approx(auc, abs=5e-5)
        assert markers[name]["direction"] == direction
    compared(5)
