"""What the sections of a report are written from: every analysis with its result now and at the last report."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from analysis.charts.render import Stamp
from analysis.engine import execution
from analysis.engine.freshness import Freshness
from analysis.engine.models import Analysis, Result, Run
from analysis.frames.building import build_frame
from analysis.frames.frame import Frame
from analysis.frames.request import FrameRequest
from analysis.headline.exploratory import is_exploratory, mark_of
from analysis.kinds.base import Figure, Kind
from analysis.kinds.registry import still_asked
from analysis.reports.blocks import Block
from analysis.reports.drawing import Drawing
from analysis.reports.models import Report
from registry.cohorts.models import Cohort
from registry.log.models import Change


@dataclass
class Item:
    """One analysis. `run` is the run whose numbers are shown: the newest that stands behind the result."""

    analysis: Analysis
    kind: Kind
    row: dict[str, Any]
    result: Result | None
    run: Run | None
    old: Result | None
    freshness: Freshness

    @cached_property
    def output(self) -> dict[str, Any]:
        return self.result.output_values if self.result else {}

    @cached_property
    def frame(self) -> Frame:
        if self.result is None:
            return Frame([])
        return Frame.from_bytes(self.result.frame.content)

    @property
    def is_exploratory(self) -> bool:
        return is_exploratory(self.output)

    @property
    def marks(self) -> list[str]:
        registered = _("registered analysis") if self.analysis.is_registered else _("exploratory analysis")
        return [registered, *([mark_of(self.output).lower()] if self.is_exploratory else [])]

    @property
    def run_name(self) -> str:
        return str(self.run.pk) if self.run else "—"

    @property
    def freshness_text(self) -> str:
        words = {
            "fresh": _("fresh"),
            "stale": _("stale"),
            "running": _("being computed"),
            "failed": _("stale: the last run failed"),
            "waiting": _("no result yet"),
        }[self.freshness.state]
        if self.freshness.as_of is None:
            return words
        return _("%(state)s, as of %(at)s") % {"state": words, "at": clock(self.freshness.as_of)}

    @property
    def origin(self) -> str:
        """Which run these numbers are of, of which data, and whether they stand."""
        if self.result is None:
            return self.freshness_text
        return _("Run %(run)s; data %(data)s; %(fresh)s.") % {
            "run": self.run_name,
            "data": self.result.frame_id[:12],
            "fresh": self.freshness_text,
        }

    def stamp(self, cohort: Cohort, result: Result, run: Run | None) -> Stamp:
        marks = [_("Simulated data")] if cohort.is_simulated else []
        marks += [mark_of(result.output_values)] if is_exploratory(result.output_values) else []
        return Stamp(str(run.pk) if run else "—", result.frame_id, "", tuple(marks))


@dataclass
class Making:
    report: Report
    cohort: Cohort
    previous: Report | None
    items: list[Item]
    # of the data, since the last report, in the order of the log
    changes: QuerySet[Change]
    verdict: str
    log_head: str
    software: dict[str, str]
    program: str
    drawing: Drawing = field(default_factory=Drawing)
    now: datetime = field(default_factory=timezone.now)

    @property
    def answered(self) -> list[Item]:
        return [item for item in self.items if item.result is not None]

    @cached_property
    def variables(self) -> dict[str, list[str]]:
        """variable → titles of the analyses that use it"""
        found: dict[str, list[str]] = {}
        for item in self.items:
            request = still_asked(item.analysis.kind, item.analysis.parameters)
            for name in request.variables if request else ():
                found.setdefault(name, []).append(item.analysis.title)
        return found

    @cached_property
    def everybody(self) -> Frame:
        """Every variable that an analysis uses; one row for each eligible patient, whatever is missing."""
        request = FrameRequest(variables=tuple(self.variables))
        with transaction.atomic(using=execution.SNAPSHOT):
            return build_frame(self.cohort, request, using=execution.SNAPSHOT).frame

    @cached_property
    def complete(self) -> frozenset[str]:
        """Patients of whom every one of these variables is known."""
        rows = self.everybody.rows
        return frozenset(row["patient"] for row in rows if all(row[name] is not None for name in self.variables))

    def figure(self, item: Item, figure: Figure, *, caption: str, lead: str = "") -> Block:
        assert item.result is not None  # noqa: S101  # only results have figures
        title = f"{lead}: {figure.title}" if lead else figure.title
        stamp = item.stamp(self.cohort, item.result, item.run)
        return self.drawing.figure(figure, title=title, caption=caption, stamp=stamp)

    def figure_before(self, item: Item, figure: Figure, *, caption: str, lead: str) -> Block:
        """Drawn from the result of the last report."""
        assert item.old is not None  # noqa: S101  # asked only where one is
        title = f"{lead}: {figure.title}"
        stamp = item.stamp(self.cohort, item.old, newest_run(item.old))
        return self.drawing.figure(figure, title=title, caption=caption, stamp=stamp)


def newest_run(result: Result) -> Run | None:
    return result.runs.order_by("-id").first()


def run_name(result: Result) -> str:
    run = newest_run(result)
    return str(run.pk) if run else "—"


def clock(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"
