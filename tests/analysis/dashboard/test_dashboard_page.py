"""The dashboard from facts to rows, plot, q and files; who is blind to a marker sees nothing of it."""

import csv
import io
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from analysis.engine.execution import run_stale
from analysis.engine.models import Analysis
from analysis.engine.services import analysis_create, analysis_define
from analysis.subcohorts.services import subcohort_define
from labs.ihc.services import read_correct
from registry.people.models import User
from registry.people.roles import Role
from tests.analysis.fixtures import Scored, define_pfs
from tests.labs.rounds.fixtures import reading
from tests.registry.fixtures import BY
from tests.registry.people import client_of, person, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scored_once")]
PAGE = "/cohorts/resection/dashboard/"
FAP = "ihc:FAP@tumour"


@pytest.fixture
def client(alice: User) -> Client:
    return client_of(alice)


def define(scored: Scored, kind: str, **parameters: object) -> Analysis:
    return analysis_define(
        cohort=scored.cohort, slug=f"fap-{kind}", title=f"FAP by {kind}", kind=kind, parameters=parameters, by=BY
    )


def text_of(client: Client, address: str = PAGE, **query: str) -> str:
    answer = client.get(address, query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_every_kind_that_fits_has_its_rows_and_the_first_is_drawn(
    client: Client, scored: Scored, pfs_by_fap: Analysis
) -> None:
    define(scored, "cox", endpoint="PFS", covariates=[FAP])
    define(scored, "timeroc", endpoint="PFS", markers=[FAP], times=[10])
    define(scored, "correlate", columns=[FAP, "baseline:age"])
    define(scored, "screen", endpoint="PFS", covariates=[FAP, "baseline:age"])
    define(scored, "stepwise", endpoint="PFS", covariates=[FAP, "baseline:age"])
    run_stale("test")
    seen = client.get(PAGE, {"row": "pfs-fap~all"})
    text = seen.content.decode()
    assert text.count('scope="row"') >= 3
    assert "FAP by correlate" not in text
    tested = [line.row.p is not None for family in seen.context["dashboard"].families for line in family.lines]
    without = len(tested) - sum(tested)
    assert without == 3, "a marker that separates perfectly has no model"
    assert f"q over {sum(tested)} tests; {without} rows without p" in text
    run = pfs_by_fap.runs.get()
    for part in ("FAP splits PFS.", "High vs low: ", "log-rank p", f"run {run.pk}", "chosen-chart"):
        assert part in text


def test_a_row_about_a_part_of_the_cohort_says_so(client: Client, scored: Scored) -> None:
    conditions = [{"variable": FAP, "operator": "at_most", "bounds": [100]}]
    part = subcohort_define(cohort=scored.cohort, code="part", name="Early stages", conditions=conditions, by=BY)
    parameters = {"endpoint": "PFS", "marker": FAP, "cutoff": 6}
    made = analysis_create(
        cohort=scored.cohort, title="FAP", kind="survival", parameters=parameters, subcohort=part, by=BY
    )
    run_stale("test")
    assert text_of(client).count("Early stages") == 2, "in the table and above the curves"
    assert "FAP, Early stages" in text_of(client, reverse("analysis:run-ris", args=[made.runs.get().pk]))


def test_the_chosen_row_is_in_the_address_and_comes_alone_as_a_part(
    client: Client, scored: Scored, pfs_by_fap: Analysis
) -> None:
    define(scored, "timeroc", endpoint="PFS", markers=[FAP], times=[10])
    run_stale("test")
    row = f"fap-timeroc~{FAP}-10"
    seen = client.get(PAGE, {"row": row})
    assert (seen.context["chosen"].key, seen.context["figure"].name) == (row, "roc")
    part = client.get(PAGE, {"row": row}, headers={"HX-Target": "dashboard"}).content.decode()
    assert part.lstrip().startswith('<div id="dashboard"') and "<html" not in part


def test_before_the_first_run_a_row_waits_and_has_no_p(client: Client, pfs_by_fap: Analysis) -> None:
    text = text_of(client)
    assert 'data-state="waiting"' in text
    assert "no p: No result yet." in " ".join(text.split())


def test_a_stale_p_is_said_beside_q_and_one_of_another_question_takes_q_away(
    client: Client, scored: Scored, pfs_by_fap: Analysis
) -> None:
    run_stale("test")
    state = client.get(PAGE).context["state"]
    watch = {"seen": state}
    assert client.get(f"{PAGE}freshness/", watch).status_code == 204
    read_correct(read=scored.reads[0], intensity=1, percent=20, by=BY, reason="wrong slide")
    answer = client.get(f"{PAGE}freshness/", watch)
    assert answer["HX-Trigger"] == "freshness-changed"
    text = text_of(client)
    assert 'data-state="stale"' in text and "not fresh: 1 of its p" in text
    run_stale("test")
    define_pfs(scored.cohort, cutoff=3)
    assert "no q: 1 p answers an earlier question" in text_of(client)


def test_more_rows_take_no_more_queries(client: Client, scored: Scored, pfs_by_fap: Analysis) -> None:
    run_stale("test")
    client.get(PAGE)  # the first of a session notes that somebody is there
    counts = list(_counts(client))
    for number in range(5):
        define_pfs(scored.cohort, slug=f"more-{number}", cutoff=number)
    run_stale("test")
    assert list(_counts(client)) == counts


def _counts(client: Client) -> Iterator[int]:
    for address in (PAGE, f"{PAGE}freshness/"):
        with CaptureQueriesContext(
            connection,
        ) as found:
            client.get(address)
        yield len(found)


def test_who_reads_a_marker_blind_sees_no_row_of_it(scored: Scored, pfs_by_fap: Analysis) -> None:
    made = reading(scored.cohort)
    both = person(Role.PATHOLOGIST, Role.INVESTIGATOR, username="both")
    made.round.readers.filter(reader=made.first).update(reader=both)
    run_stale("test")
    assert "FAP" not in text_of(client_of(both)).replace("FAPI", "")
    assert "FAP" in text_of(signed_in(Role.INVESTIGATOR))


def test_the_points_of_a_figure_come_with_run_data_and_mark(client: Client, scored: Scored) -> None:
    analysis = define_pfs(scored.cohort, cutoff="median")
    run_stale("test")
    address = reverse("analysis:analysis-figure", args=["resection", "pfs-fap", "km", "csv"])
    rows = list(csv.DictReader(io.StringIO(client.get(address).content.decode("utf-8-sig"))))
    assert analysis.current_id is None and {row["layer"] for row in rows} >= {"curves", "censored", "risk-table"}
    assert {row["marks"] for row in rows} == {"Exploratory cutoff"}
    assert {row["run"] for row in rows} == {str(analysis.runs.get().pk)}
    without = csv.DictReader(io.StringIO(client.get(address, {"band": "off", "at": "6"}).content.decode("utf-8-sig")))
    assert {"bands", "landmark"} & {row["layer"] for row in without} == {"landmark"}


def test_a_landmark_that_is_no_time_is_refused_beside_its_field(client: Client, pfs_by_fap: Analysis) -> None:
    run_stale("test")
    assert "greater than or equal to 0" in text_of(client, at="-3")
