"""Who belongs to a sub-cohort, and who came and went since its analyses were computed."""

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.engine.models import Analysis, Run
from analysis.frames.building import PLAIN_REASONS, build_frame
from analysis.frames.frame import Frame
from analysis.frames.narrowing import outside, unknown
from analysis.frames.request import FrameRequest
from analysis.subcohorts.conditions import Condition
from analysis.subcohorts.models import SubCohort
from registry.cohorts.models import Cohort


@dataclass(frozen=True)
class Membership:
    members: list[str]
    outside: int
    # study number → the variables that are not known
    unknown: list[tuple[str, str]]


def membership(cohort: Cohort, name: str, conditions: Sequence[Condition]) -> Membership:
    """Of the eligible patients, as the facts are now."""
    part = SubCohort(cohort=cohort, code="draft", name=name, conditions=[item.as_json() for item in conditions])
    built = build_frame(cohort, FrameRequest(), using="default", part=part)
    reasons = [(row["patient"], row["reason"]) for row in built.frame.left_out]
    return Membership(
        members=[row["patient"] for row in built.frame.rows],
        outside=sum(reason == outside(name) for _patient, reason in reasons),
        unknown=[(patient, reason) for patient, reason in reasons if reason.startswith(unknown(name))],
    )


def subcohort_members(cohort: Cohort, code: str, using: str) -> list[str]:
    """Study numbers of those who belong, as the facts are now."""
    part = SubCohort.objects.using(using).get(cohort_id=cohort.pk, code=code)
    return [row["patient"] for row in build_frame(cohort, FrameRequest(), using=using, part=part).frame.rows]


@dataclass(frozen=True)
class Moved:
    analysis: Analysis
    run: Run
    came: list[str]
    went: list[str]


def moved_since(subcohort: SubCohort, now: Sequence[str], analyses: Sequence[Analysis]) -> list[Moved]:
    """Against the last run of each analysis that is about it."""
    found = []
    for analysis in analyses:
        run = analysis.runs.filter(result__isnull=False).select_related("result__frame").order_by("-id").first()
        if run is None or run.result is None:
            continue
        before = _members_of(Frame.from_bytes(run.result.frame.content), subcohort.name)
        found.append(Moved(analysis, run, sorted(set(now) - before), sorted(before - set(now))))
    return found


def _members_of(frame: Frame, name: str) -> set[str]:
    """Those in the table, and those left out for another reason than not belonging."""
    name = frame.constants.get("subcohort", {}).get("name", name)
    others = (outside(name), unknown(name), *PLAIN_REASONS.values())
    left = {row["patient"] for row in frame.left_out if not row["reason"].startswith(others)}
    return {row["patient"] for row in frame.rows} | left
