"""Models of a cohort on their pages, through the engine."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from analysis.engine.execution import run_stale
from analysis.engine.models import Analysis
from analysis.engine.services import analysis_define
from analysis.templatetags.claims import number
from registry.cohorts.services import endpoint_set
from registry.people.models import User
from tests.analysis.fixtures import Scored, scored_cohort
from tests.analysis.tables.command import compare
from tests.registry.fixtures import BY
from tests.registry.people import client_of
from tests.services.r import R

pytestmark = pytest.mark.django_db
FAP = "ihc:FAP@tumour"


@pytest.fixture
def client(alice: User) -> Client:
    return client_of(alice)


@pytest.fixture
def scored(a_cohort: Any) -> Scored:
    return scored_cohort(a_cohort, patients=40)


def define(scored: Scored, kind: str, **parameters: Any) -> Analysis:
    endpoint_set(cohort=scored.cohort, code="TTR", name="Time to recurrence", event_kinds=["recurrence"], by=BY)
    return analysis_define(cohort=scored.cohort, slug="model", title="A model", kind=kind, parameters=parameters, by=BY)


def url(name: str, *more: str) -> str:
    return reverse(f"analysis:{name}", args=["resection", "model", *more])


def test_a_cox_regression_has_its_page_its_figure_and_its_script(
    client: Client, scored: Scored, r: R, tmp_path: Path
) -> None:
    analysis = define(scored, "cox", endpoint="PFS", covariates=[FAP], landmark=2)
    run_stale("test")
    text = client.get(url("analysis")).content.decode()
    for part in ("forest-chart", "Hazard ratios for PFS from 2 months", "all terms together", "Likelihood ratio"):
        assert part in text
    assert client.get(url("analysis-figure", "forest", "svg")).status_code == 200
    analysis.refresh_from_db()
    with zipfile.ZipFile(io.BytesIO(client.get(url("analysis-r")).content)) as archive:
        archive.extractall(tmp_path)
    [script] = tmp_path.glob("*.R")
    assert analysis.current is not None
    compare(analysis.current.output_values, r.run(script))


def test_competing_risks_of_a_cohort_have_their_page(client: Client, scored: Scored) -> None:
    define(scored, "competing", endpoint="TTR", competing="OS", covariates=[FAP], times=[12])
    run_stale("test")
    text = client.get(url("analysis")).content.decode()
    for part in ("incidence-chart", "Cumulative incidence", "Subdistribution hazard ratios for TTR"):
        assert part in text


def test_a_number_is_never_hundreds_of_digits_long() -> None:
    assert [number(value) for value in (20_000, 3.0, 0.0371044, 1e300)] == ["20000", "3", "0.0371", "1e+300"]
