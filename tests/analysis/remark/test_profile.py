"""What the REMARK profile says of a cohort, what it calls missing, and that people's words close a gap."""

import pytest
from django.urls import reverse

from analysis.engine.execution import run_stale
from analysis.engine.models import Analysis
from analysis.engine.services import analysis_define
from analysis.remark.models import RemarkNote
from analysis.remark.profile import Answer, remark
from analysis.remark.services import remark_note_save
from analysis.subcohorts.services import subcohort_define
from labs.markers.services import antibody_set
from registry.cohorts.models import Cohort
from registry.log.facts import StaleWrite
from registry.people.models import User
from tests.analysis.fixtures import Scored, define_pfs
from tests.labs.rounds.fixtures import reading
from tests.registry.fixtures import BY
from tests.registry.people import client_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scored_once")]


def answer(cohort: Cohort, number: int) -> Answer:
    found = remark(cohort, Analysis.objects.filter(cohort=cohort))
    return next(item for item in found.answers if item.item.number == number)


def said(cohort: Cohort, number: int) -> str:
    found = answer(cohort, number)
    return " ".join([*found.sentences, *(gap.text for gap in found.gaps)])


def test_an_empty_cohort_has_a_gap_in_every_item(a_cohort: Cohort) -> None:
    found = remark(a_cohort, [])
    assert len(found.answers) == 20
    assert {item.item.number for item in found.answers if item.is_complete} <= {7, 11, 12}
    assert all(gap.text for _item, gap in found.gaps)


def test_numbers_come_with_their_run_and_whether_they_still_stand(scored: Scored) -> None:
    analysis = define_pfs(scored.cohort)
    assert "has no result yet" in said(scored.cohort, 15)
    run_stale("test")
    analysis.refresh_from_db()
    run = analysis.runs.get()
    assert f"PFS by FAP, run {run.pk}, fresh: Patients 24" in said(scored.cohort, 15)
    assert "FAP (IHC, tumour): high is > 6, registered" in said(scored.cohort, 11)
    assert "Read by the analyses: FAP (IHC, tumour)." in said(scored.cohort, 8)
    assert "24 patients" in said(scored.cohort, 12)
    analysis.inputs.update(computed_version=0)
    assert f"run {run.pk}, stale" in said(scored.cohort, 15)


def test_a_result_of_nobody_fills_no_item(scored: Scored) -> None:
    conditions = [{"variable": "baseline:age", "operator": "above", "bounds": [500]}]
    nobody = subcohort_define(cohort=scored.cohort, code="nobody", name="Nobody", conditions=conditions, by=BY)
    asked = {"endpoint": "PFS", "marker": "ihc:FAP@tumour", "cutoff": 6}
    analysis_define(
        cohort=scored.cohort,
        slug="n",
        title="PFS of nobody",
        kind="survival",
        parameters=asked,
        subcohort=nobody,
        by=BY,
    )
    run_stale("test")
    assert [gap.text for gap in answer(scored.cohort, 15).gaps] == ["PFS of nobody has a result of nobody."]


@pytest.mark.parametrize(("kind", "own"), [("cox", {}), ("nomogram", {"times": [12]})])
def test_a_model_counts_for_item_17_only_with_marker_and_standard_variables(
    scored: Scored, kind: str, own: dict[str, object]
) -> None:
    def define(*covariates: str) -> None:
        parameters = {"endpoint": "PFS", "covariates": list(covariates), **own}
        analysis_define(cohort=scored.cohort, slug="m", title="Model", kind=kind, parameters=parameters, by=BY)

    define("baseline:age", "baseline:sex")
    assert "Model" in said(scored.cohort, 16)
    assert "together with standard" in said(scored.cohort, 17)
    define("baseline:age", "ihc:FAP@tumour")
    assert "together with standard" not in said(scored.cohort, 17)


def test_antibodies_without_a_lot_and_reads_without_a_round_are_gaps(scored: Scored) -> None:
    assert "Stains without an antibody: FAP" in said(scored.cohort, 5)
    marker = scored.reads[0].stain.marker
    antibody = antibody_set(marker=marker, method="ihc", vendor="Abways", dilution="1:300", by=BY)
    type(scored.reads[0].stain).objects.update(antibody=antibody)
    text = said(scored.cohort, 5)
    assert "IHC, FAP: Abways, 1:300." in text
    assert "Antibodies without a lot: FAP" in text
    assert "not known to be blind" in text


def test_words_close_a_gap_and_taken_back_open_it(scored: Scored) -> None:
    def save(text: str, version: int) -> None:
        remark_note_save(cohort=scored.cohort, item=9, text=text, expected_version=version, by=BY)

    assert not answer(scored.cohort, 9).is_complete
    save("All who were resected.", 0)
    assert answer(scored.cohort, 9).note == "All who were resected."
    assert answer(scored.cohort, 9).is_complete
    with pytest.raises(StaleWrite):
        save("Another.", 0)
    save("", 1)
    assert not answer(scored.cohort, 9).is_complete
    save("Once more.", 2)
    assert answer(scored.cohort, 9).note == "Once more."


def test_its_page_leads_to_where_a_gap_is_mended_and_keeps_what_was_typed(scored: Scored, alice: User) -> None:
    client = client_of(alice)
    page = client.get(reverse("analysis:remark", args=[scored.cohort.code])).content.decode()
    address = reverse("analysis:remark-note", args=[scored.cohort.code, 9])
    assert address in page
    assert client.get(reverse("analysis:remark-note", args=[scored.cohort.code, 21])).status_code == 404
    assert "Write something" in client.post(address, {"text": " ", "version": "0"}).content.decode()
    page = client.post(address, {"text": "All <who> were resected.", "version": "0"}, follow=True).content.decode()
    assert "All &lt;who&gt; were resected." in page
    assert "alice changed this" in client.post(address, {"text": "Mine", "version": "0"}).content.decode()
    assert RemarkNote.objects.get().text == "All <who> were resected."
    assert "gaps in the REMARK profile" in client.get("/").content.decode()


def test_a_blind_reader_has_no_profile(scored: Scored, alice: User) -> None:
    made = reading(scored.cohort, patients=2)
    made.round.readers.filter(reader=made.first).update(reader=alice)
    assert client_of(alice).get(reverse("analysis:remark", args=[scored.cohort.code])).status_code == 404
    assert "REMARK" not in client_of(alice).get("/").content.decode()
