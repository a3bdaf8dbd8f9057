"""A report with everything in it: what it says, that page, PDF and JSON say the same, and what it is drawn from."""

import html
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from analysis.canonical import sha256
from analysis.charts import render
from analysis.engine.models import Analysis
from analysis.engine.services import analysis_define
from analysis.kinds.methods import markers
from analysis.kinds.methods.citations import CITATIONS
from analysis.kinds.methods.registry import METHODS
from analysis.kinds.registry import KINDS
from analysis.kinds.wording import p_cell
from analysis.reports.documents import ReportDocument, StoredFigure
from analysis.reports.drawing import drawn_of
from analysis.reports.models import Report
from analysis.reports.sections import methods
from analysis.reports.typesetting.pdf import typeset
from registry.people.models import User
from tests.analysis.agreement.fixtures import close, read_as_scored, round_over, start
from tests.analysis.fixtures import define_pfs, scored_cohort
from tests.analysis.reports.making import made, tables
from tests.registry.fixtures import BY, make_cohort
from tests.registry.people import client_of, site

pytestmark = pytest.mark.django_db
NUMBER = re.compile(r"\d+(?:\.\d+)?")


def texts(value: Any) -> Iterator[str]:
    """Every text that a reader of the pages is to see."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, item in value.items():
            if name not in {"drawn", "data", "analysis", "name", "kind", "alt", "width", "height", "run", "number"}:
                yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield str(value)


def numbers(text: str) -> set[str]:
    return set(NUMBER.findall(text))


@pytest.fixture(scope="module")
def kept(lasting: None) -> Report:
    """A split at a registered cutoff with a closed round behind it, and everybody together."""
    scored = scored_cohort(make_cohort(site("HEB")))
    read = round_over(scored)
    read_as_scored(read)
    start(read)
    close(read)
    define_pfs(scored.cohort)
    analysis_define(
        cohort=scored.cohort,
        slug="pfs",
        title="PFS of all",
        kind="survival",
        parameters={"endpoint": "PFS"},
        by=BY,
    )
    return made(scored.cohort)


@pytest.fixture
def everything(kept: Report) -> Report:
    return Report.objects.get(pk=kept.pk)


def test_page_pdf_and_json_say_the_same_numbers(everything: Report, alice: User, tmp_path: Path) -> None:
    client = client_of(alice)
    content = json.loads(client.get(reverse("analysis:report-json", args=[everything.pk])).content)
    expected = {number for text in texts(content["sections"]) for number in numbers(text)}
    assert len(expected) > 80
    page = client.get(reverse("analysis:report", args=[everything.pk])).content.decode()
    assert expected <= numbers(html.unescape(re.sub(r"<[^>]+>", " ", page)))
    pdf = client.get(reverse("analysis:report-pdf", args=[everything.pk])).content
    assert sha256(pdf) == content["pdf_sha256"]
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext is not installed: the PDF was not read")
    (tmp_path / "report.pdf").write_bytes(pdf)
    printed = subprocess.run(["pdftotext", tmp_path / "report.pdf", "-"], capture_output=True, check=True, text=True)
    assert expected <= numbers(printed.stdout)


def test_the_same_content_is_the_same_pdf_and_another_run_another(everything: Report) -> None:
    content = everything.content_values
    drawn = drawn_of(content)
    kept = bytes(ReportDocument.objects.get(report=everything).pdf)
    assert typeset(content, drawn) == kept
    content["sections"][0]["blocks"][0]["text"] = "Something else"
    assert typeset(content, drawn) != kept


def test_the_pdf_says_what_it_is(everything: Report) -> None:
    kept = bytes(ReportDocument.objects.get(report=everything).pdf)
    runs = everything.content_values["document"]["runs"]
    for word in (b"Hepatica", b"resection", *[b"run %d" % run for run in runs]):
        assert word in kept


def test_every_analysis_names_its_run_its_data_and_its_freshness(everything: Report) -> None:
    [part] = [part for part in everything.content_values["sections"] if part["name"] == "results"]
    heads = [block for block in part["blocks"] if block["kind"] == "head" and block["analysis"]]
    rows = everything.content_values["analyses"]
    assert [head["analysis"] for head in heads] == [row["slug"] for row in rows]
    for head, row in zip(heads, rows, strict=True):
        assert head["origin"].startswith(f"Run {row['run']}; data {row['fingerprint'][:12]}; fresh, as of ")
    figures = [figure for block in part["blocks"] if block["kind"] == "figures" for figure in block["figures"]]
    assert {figure["run"] for figure in figures} == {str(row["run"]) for row in rows}


def test_the_flow_adds_up(everything: Report) -> None:
    rows = tables(everything, "flow")["From the cohort to each analysis"]
    for _title, cohort, left_out, analysed, _run in rows:
        assert int(cohort) == int(analysed) + sum(int(n) for n in re.findall(r"\((\d+)\)", left_out))


def test_cutoff_one_step_readers_and_agreement_are_told(everything: Report) -> None:
    found = tables(everything, "results")
    under = {row[0]: row for row in found["Sensitivity"]}
    assert {"reader 1", "reader 2", "consensus", "> 6 (as analysed)"} <= set(under)
    stored = Analysis.objects.get(slug="pfs-fap").current
    assert stored is not None
    assert under["> 6 (as analysed)"][4] == p_cell(stored.output_values["logrank"]["p"])
    measures = {row[2] for row in next(iter(tables(everything, "agreement").values()))}
    assert {"Cohen's kappa", "Kappa, quadratic weights"} <= measures


def test_a_figure_is_drawn_once_for_all_reports(everything: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    assert StoredFigure.objects.exists()
    monkeypatch.setattr(render, "drawn", lambda spec: pytest.fail("drawn again"))
    cohort = everything.cohort
    analysis_define(cohort=cohort, slug="os", title="OS", kind="survival", parameters={"endpoint": "nothing"}, by=BY)
    again = made(cohort)
    assert len(again.content_values["sections"]) > 1


def test_a_figure_is_served_with_its_run_and_only_from_its_report(
    everything: Report, alice: User, charlie: User
) -> None:
    address = reverse("analysis:report-figure", args=[everything.pk, 1])
    svg = client_of(alice).get(address).content.decode()
    assert f"Run {everything.content_values['analyses'][0]['run']}, data " in svg
    assert client_of(charlie).get(address).status_code == 404
    assert client_of(alice).get(reverse("analysis:report-figure", args=[everything.pk, 99])).status_code == 404


def test_methods_say_once_what_most_analyses_have_in_common(everything: Report) -> None:
    cohort = everything.cohort
    split: dict[str, Any] = {"endpoint": "PFS", "marker": "ihc:FAP@tumour"}
    asked = {"above 8": split | {"cutoff": 8}, "median": split | {"cutoff": "median"}}
    # Nobody is at risk so late: it has no number, and nothing in common with the others.
    asked["nobody"] = {"endpoint": "PFS", "landmark": 9999}
    for title, parameters in asked.items():
        analysis_define(
            cohort=cohort, slug=title.replace(" ", "-"), title=title, kind="survival", parameters=parameters, by=BY
        )
    [part] = [part for part in made(cohort).content_values["sections"] if part["name"] == "methods"]
    words = [block["text"] for block in part["blocks"] if block["kind"] == "text"]
    assert sum("by the log-rank test" in text for text in words) == 1
    shared = next(place for place, text in enumerate(words) if "by the log-rank test" in text)
    own = {text.partition(" (run")[0]: text for text in words[shared + 1 : shared + 4]}
    assert set(own) == {"– PFS by FAP", "– above 8", "– median"}
    assert "High means FAP > 8" in own["– above 8"] and "High means" not in words[shared]
    assert words[-2].endswith("No number was given: Nobody has all the facts that this analysis needs.")


def test_every_kind_has_its_sentences_and_every_mark_its_paper(everything: Report) -> None:
    assert set(METHODS) == set(KINDS)
    marks = {
        mark
        for path in (*Path(markers.__file__).parent.glob("*.py"), Path(methods.__file__))
        for mark in re.findall(r"\[@([a-z-]+)\]", path.read_text(encoding="utf-8"))
    }
    assert marks == set(CITATIONS)
    [part] = [part for part in everything.content_values["sections"] if part["name"] == "methods"]
    words = " ".join(block["text"] for block in part["blocks"] if block["kind"] == "text")
    assert "[@" not in words and "[1]" in words
