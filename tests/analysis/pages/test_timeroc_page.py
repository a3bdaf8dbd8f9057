import io
import zipfile

import pytest
from django.urls import reverse

from analysis.engine.execution import run_stale
from analysis.engine.services import analysis_define
from registry.people.models import User
from tests.analysis.fixtures import Scored
from tests.registry.fixtures import BY
from tests.registry.people import client_of


@pytest.mark.django_db
def test_a_cohort_shows_areas_tables_and_figures_or_says_why_not_and_gives_its_r_script(
    alice: User, scored: Scored
) -> None:
    analysis_define(
        cohort=scored.cohort,
        slug="fap-over-time",
        title="FAP over time",
        kind="timeroc",
        parameters={"endpoint": "PFS", "markers": ["ihc:FAP@tumour"], "times": [8, 1000]},
        by=BY,
    )
    run_stale("test")
    client = client_of(alice)
    address = reverse("analysis:analysis", args=[scored.cohort.code, "fap-over-time"])
    text = client.get(address).content.decode()
    for part in ("roc-chart", "auc-chart", "Area under the time-dependent ROC curve", "No AUC at 1000"):
        assert part in text
    script = client.get(reverse("analysis:analysis-r", args=[scored.cohort.code, "fap-over-time"]))
    with zipfile.ZipFile(io.BytesIO(script.content)) as archive:
        [name] = [name for name in archive.namelist() if name.endswith(".R")]
        assert "library(survival)" in archive.read(name).decode()
    svg = client.get(reverse("analysis:analysis-figure", args=[scored.cohort.code, "fap-over-time", "auc", "svg"]))
    assert b"AUC (pointwise 95 % CI)" in svg.content
