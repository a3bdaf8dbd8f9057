"""What happens when processes die, brokers are away and hands reach behind the application, on both databases."""

import json

import psutil
import pytest

from tests.flows import imported
from tests.services.processes import wait_for
from tests.services.stack import Stack, quick_on

pytestmark = pytest.mark.services

RUNS = "SELECT count(*) FROM analysis_run r JOIN analysis_analysis a ON a.id = r.analysis_id WHERE a.slug = ?"
ASK_FOR_REPORT = """
from analysis.reports.services import request_report
from analysis.tasks import run_reports
from registry.models import Cohort
for cohort in Cohort.objects.all():
    request_report(cohort=cohort, trigger="schedule", requested_by="system:schedule")
run_reports.delay()
"""
SLOW_SQLITE = """CREATE TRIGGER hold BEFORE INSERT ON analysis_result BEGIN
  SELECT count(*) FROM (WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 500000000)
                        SELECT x FROM c); END"""
SLOW_POSTGRES = (
    "CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN PERFORM pg_sleep(600); RETURN NEW; END$$",
    "CREATE TRIGGER hold BEFORE INSERT ON analysis_result FOR EACH ROW EXECUTE FUNCTION hold()",
)


@pytest.fixture
def stack(imported_stack: Stack) -> Stack:
    return imported_stack


def bring(stack: Stack, x_plus: float) -> None:
    table, mapping = imported.write(stack.folder, x_plus=x_plus)
    stack.manage("import_cohort", table, "--mapping", mapping)


def send(stack: Stack, task: str, countdown: int = 0) -> str:
    code = f"from analysis import tasks; print(tasks.{task}.apply_async(countdown={countdown}).id)"
    return stack.python(code).strip()


def is_fresh(stack: Stack, slug: str) -> bool:
    moved = """SELECT 1 FROM analysis_analysisinput i JOIN registry_stream s ON s.id = i.stream_id
               JOIN analysis_analysis a ON a.id = i.analysis_id
               WHERE a.slug = ? AND (i.computed_version IS NULL OR i.computed_version <> s.version)"""
    return bool(stack.rows(RUNS, slug)[0][0]) and not stack.rows(moved, slug)


def fresh(stack: Stack, *slugs: str) -> None:
    for slug in slugs:
        wait_for(lambda slug=slug: is_fresh(stack, slug), f"{slug} is fresh")  # type: ignore[misc]  # bound in the loop


def states(stack: Stack, slug: str) -> list[str]:
    return [
        state
        for (state,) in stack.rows(
            "SELECT r.state FROM analysis_run r JOIN analysis_analysis a ON a.id = r.analysis_id "
            "WHERE a.slug = ? ORDER BY r.id",
            slug,
        )
    ]


@pytest.mark.parametrize("imported_stack", quick_on("postgres"), indirect=True)
def test_an_import_of_500_rows_is_one_run_of_each_analysis_that_reads_them(stack: Stack) -> None:
    stack.start("broker", "worker", "beat")
    fresh(stack, "rfs-x", "rfs-y")
    assert states(stack, "rfs-x") == ["done"]
    assert states(stack, "rfs-y") == ["done"]
    bring(stack, x_plus=1.5)
    fresh(stack, "rfs-x")
    assert states(stack, "rfs-x") == ["done", "done"]
    assert states(stack, "rfs-y") == ["done"]
    changes = stack.rows("SELECT count(*) FROM registry_change")
    bring(stack, x_plus=1.5)
    assert stack.rows("SELECT count(*) FROM registry_change") == changes


@pytest.mark.parametrize("imported_stack", quick_on("postgres"), indirect=True)
def test_a_worker_killed_in_mid_run_loses_nothing(stack: Stack) -> None:
    slow = (SLOW_SQLITE,) if stack.database == "sqlite" else SLOW_POSTGRES
    for statement in slow:
        stack.rows(statement)
    stack.start("broker", "worker", "beat")
    wait_for(lambda: states(stack, "rfs-x") == ["running"], "the run is under way")
    stack.kill("worker")
    if stack.database == "postgres":
        stack.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND position('analysis_result' in query) > 0"
        )
    stack.rows("DROP TRIGGER hold" + (" ON analysis_result" if stack.database == "postgres" else ""))
    assert stack.rows("SELECT count(*) FROM analysis_result") == [(0,)]
    stack.start("worker")
    fresh(stack, "rfs-x", "rfs-y")
    assert states(stack, "rfs-x")[0] == "lost"
    assert states(stack, "rfs-x")[-1] == "done"
    assert stack.rows("SELECT count(*) FROM analysis_result") == [(2,)]


@pytest.mark.parametrize("imported_stack", quick_on("postgres"), indirect=True)
def test_a_save_without_a_broker_succeeds_and_the_analysis_follows(stack: Stack) -> None:
    stack.start("broker", "worker", "beat")
    fresh(stack, "rfs-x", "rfs-y")
    stack.stop("beat", "worker", "broker")
    bring(stack, x_plus=1.5)
    said = stack.python(
        "from analysis.engine.models import Analysis\n"
        "from analysis.engine.freshness import freshness_of\n"
        "print(*(freshness_of(a).state for a in Analysis.objects.order_by('slug')))"
    )
    assert said.split()[-2:] == ["stale", "fresh"]
    stack.start("broker", "worker", "beat")
    fresh(stack, "rfs-x")


@pytest.mark.parametrize("imported_stack", quick_on("sqlite"), indirect=True)
def test_a_broker_that_restarts_under_the_workers_costs_time_only(stack: Stack) -> None:
    stack.start("broker", "worker", "beat")
    fresh(stack, "rfs-x", "rfs-y")
    held = send(stack, "seal", countdown=600)
    wait_for(lambda: held in stack.output("worker"), "the worker has taken a message that it has not begun")
    stack.kill("broker")
    bring(stack, x_plus=1.5)
    stack.start("broker")
    fresh(stack, "rfs-x")
    assert states(stack, "rfs-x") == ["done", "done"]
    assert "EMERGENCY DUMP" not in stack.output("worker")


@pytest.mark.parametrize("imported_stack", quick_on("sqlite"), indirect=True)
def test_a_broker_that_stands_still_makes_no_worker_deaf(stack: Stack) -> None:
    stack.start("broker", "heavy")
    taken = send(stack, "run_parts", countdown=3)
    wait_for(lambda: taken in stack.output("heavy"), "the worker has taken a message that it has not begun")
    broker = psutil.Process(stack.running("broker").pid)
    broker.suspend()
    wait_for(lambda: f"[{taken}] succeeded" in stack.output("heavy"), "the task is done")
    # Waits for the broker as long as a worker does, and gives up.
    stack.python("from analysis.engine.doorbell import ring; ring()")
    broker.resume()
    after = send(stack, "run_parts")
    wait_for(lambda: after in stack.output("heavy"), "the worker has taken the next message")


@pytest.mark.parametrize("imported_stack", quick_on("sqlite"), indirect=True)
def test_a_value_changed_by_hand_is_found_by_the_scheduled_reanalysis(stack: Stack) -> None:
    stack.start("broker", "worker")
    stack.python("from analysis.tasks import run_stale; run_stale.delay()")
    fresh(stack, "rfs-x", "rfs-y")
    marker = "(SELECT t.id FROM labs_stain t JOIN labs_marker m ON m.id = t.marker_id WHERE m.code = 'MX')"
    stack.rows(f"UPDATE labs_read SET density = 0.001, value = 0.001 WHERE value > 60 AND stain_id IN {marker}")
    assert is_fresh(stack, "rfs-x")
    stack.python(ASK_FOR_REPORT)
    done = "SELECT content, verdict FROM analysis_report WHERE state = 'done'"
    [(content, verdict)] = wait_for(lambda: stack.rows(done), "the report is made")
    assert "changed outside the log" in verdict or "First report" in verdict
    rows = {row["slug"]: row for row in json.loads(content)["analyses"]}
    assert rows["rfs-x"]["unexplained"]
    assert not rows["rfs-y"]["unexplained"]


@pytest.mark.parametrize("imported_stack", quick_on("sqlite"), indirect=True)
def test_a_tampered_row_of_the_log_is_named(stack: Stack) -> None:
    assert "all sealed and unchanged" in stack.manage("verify_log")
    if stack.database == "sqlite":
        stack.rows("DROP TRIGGER registry_change_no_update")
    else:
        stack.rows("ALTER TABLE registry_change DISABLE TRIGGER registry_change_no_update_or_delete")
    [(victim, code)] = stack.rows(
        "SELECT id, subject_code FROM registry_change WHERE domain = 'ihc/MX' ORDER BY id LIMIT 1"
    )
    stack.rows("UPDATE registry_change SET actor_name = 'somebody else' WHERE id = ?", victim)
    with pytest.raises(AssertionError) as caught:
        stack.manage("verify_log")
    assert f"Change {victim}" in str(caught.value)
    assert code in str(caught.value)
    assert "Trigger registry_change" in str(caught.value)
