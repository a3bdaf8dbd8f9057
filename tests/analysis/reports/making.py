"""A report that is made at once, and the tables in it."""

from analysis.reports.models import Report
from analysis.reports.services import request_report, run_waiting
from registry.cohorts.models import Cohort


def made(cohort: Cohort) -> Report:
    report = request_report(cohort=cohort, trigger="manual", requested_by="alice")
    run_waiting()
    report.refresh_from_db()
    assert report.state == Report.State.DONE, report.verdict
    return report


def tables(report: Report, section: str) -> dict[str, list[list[str]]]:
    """title → rows of cells"""
    parts = next(part for part in report.content_values["sections"] if part["name"] == section)
    found = [block for block in parts["blocks"] if block["kind"] == "table"]
    return {block["title"]: [row["cells"] for row in block["rows"] if "cells" in row] for block in found}
