"""The analysis-ready table of the live data: one row per eligible enrolment with endpoints and every variable."""

from analysis.access import visible_analyses
from analysis.engine.freshness import freshness_of_all
from analysis.exports.ready_making import ReadyMaking, answer_now, by_source
from analysis.exports.versions import LIVE_LABEL, ReadyTable, Version
from analysis.exports.wish import LIVE
from analysis.frames.building import build_frame
from analysis.frames.candidates import cohort_variables
from analysis.frames.request import FrameRequest
from registry.models import Cohort
from registry.people.models import User


def live(user: User, cohorts: list[Cohort]) -> list[Version]:
    return [Version(LIVE, LIVE_LABEL, load_live)]


def load_live(user: User, cohort: Cohort, using: str) -> ReadyTable:
    frame = build_frame(cohort, FrameRequest(variables=tuple(cohort_variables(cohort, using))), using).frame
    made = ReadyMaking(cohort, frame.rows, using)
    made.add_index()
    made.add_outcomes()
    made.add_response()
    for name in sorted(frame.columns, key=by_source):
        made.add_variable(name, frame.columns[name])
    analyses = list(visible_analyses(user).filter(cohort=cohort).order_by("order", "slug"))
    freshness = freshness_of_all(analyses)
    for analysis in analyses:
        if answer := answer_now(analysis, freshness[analysis.pk]):
            made.add_answer(answer)
    return ReadyTable(made.columns, made.rows, frame.notes, made.runs)
