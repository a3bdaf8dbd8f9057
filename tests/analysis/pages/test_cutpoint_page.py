"""The page of a best cutoff, from facts to ribbon, tables, figure and R script."""

import io
import zipfile

import pytest
from django.test import Client
from django.urls import reverse

from analysis.engine.execution import run_stale
from analysis.engine.services import analysis_define
from registry.people.models import User
from tests.analysis.fixtures import Scored
from tests.registry.fixtures import BY
from tests.registry.people import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(alice: User) -> Client:
    return client_of(alice)


def address(scored: Scored, name: str, *more: str) -> str:
    return reverse(f"analysis:{name}", args=[scored.cohort.code, "fap-cutoff", *more])


@pytest.fixture
def analysed(scored: Scored) -> Scored:
    analysis_define(
        cohort=scored.cohort,
        slug="fap-cutoff",
        title="Best cutoff of FAP for PFS",
        kind="cutpoint",
        parameters={"endpoint": "PFS", "marker": "ihc:FAP@tumour", "resamples": 100},
        by=BY,
    )
    run_stale("test")
    return scored


def test_the_page_marks_the_cutoff_as_exploratory_and_lists_all(client: Client, analysed: Scored) -> None:
    text = client.get(address(analysed, "analysis")).content.decode()
    for part in (
        "Exploratory cutoff",
        "cutoffs-chart",
        "The best cutoff, exploratory",
        "Every cutoff looked at",
        "FAP splits PFS",
        "who alone can confirm it",
    ):
        assert part in text


def test_its_files_carry_the_mark_and_the_script(client: Client, analysed: Scored) -> None:
    drawn = client.get(address(analysed, "analysis-figure", "cutoffs", "svg"))
    assert "EXPLORATORY CUTOFF" in b"".join(drawn).decode()
    content = b"".join(client.get(address(analysed, "analysis-r")))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        [script] = [name for name in archive.namelist() if name.endswith(".R")]
        assert "set.seed(1)" in archive.read(script).decode()
