"""A pass over stored results: do they still reproduce, and are the stored rows still those of their hashes?"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet

from analysis.engine.models import Result, StoredFacts, StoredFrame
from analysis.reexecution.judging import Judgement, intact, judge
from analysis.reexecution.models import Verdict
from registry.models import Cohort

FAULTS = (Verdict.TAMPERED, Verdict.UNEXPLAINED, Verdict.FAILED)


@dataclass(frozen=True)
class Verified:
    result: Result
    judgement: Judgement

    @property
    def is_fault(self) -> bool:
        return self.judgement.verdict in FAULTS

    def as_json(self) -> dict[str, Any]:
        run = self.result.runs.order_by("-id").first()
        return {
            "analysis": self.result.analysis.log_code(),
            "look": self.result.look,
            "run": run.pk if run else None,
            "verdict": self.judgement.verdict.value,
        } | self.judgement.as_json()


@dataclass(frozen=True)
class TamperedRows:
    """Stored bytes that are not those of their hash, used by a result or by none."""

    table: str
    fingerprint: str

    def as_json(self) -> dict[str, Any]:
        return {"table": self.table, "fingerprint": self.fingerprint, "verdict": Verdict.TAMPERED.value}


def results_of(cohort: Cohort | None, *, is_of_all: bool) -> QuerySet[Result]:
    results = Result.objects.select_related("analysis__cohort", "frame").order_by("analysis_id", "look")
    if cohort:
        results = results.filter(analysis__cohort=cohort)
    return results if is_of_all else results.filter(analysis__current_id=F("pk"))


def verified(results: QuerySet[Result]) -> Iterator[Verified]:
    # One at a time: frames are large, and the next is read only when this one is judged.
    for pk in list(results.values_list("pk", flat=True)):
        result = results.get(pk=pk)
        yield Verified(result, judge(result))


def stored_rows(cohort: Cohort | None) -> Iterator[tuple[str, StoredFrame | StoredFacts]]:
    frames, facts = StoredFrame.objects.all(), StoredFacts.objects.all()
    if cohort:
        frames = frames.filter(Q(results__analysis__cohort=cohort) | Q(snapshots__cohort=cohort)).distinct()
        facts = facts.filter(Q(runs__analysis__cohort=cohort) | Q(snapshots__cohort=cohort)).distinct()
    for table, rows in (("frame", frames), ("facts", facts)):
        for row in rows.order_by("pk").iterator(chunk_size=20):
            yield table, row


def tampered(cohort: Cohort | None) -> tuple[int, list[TamperedRows]]:
    """How many were read, and which are not what they were."""
    count, found = 0, []
    for table, row in stored_rows(cohort):
        count += 1
        if intact(row.fingerprint, row) is None:
            found.append(TamperedRows(table, row.fingerprint))
    return count, found


@dataclass(frozen=True)
class Pass:
    """What one pass found; kept by services.verification_run."""

    started_at: datetime
    rows_read: int
    tampered: list[TamperedRows]
    verified: list[Verified]

    @property
    def equal(self) -> int:
        return sum(item.judgement.verdict == Verdict.EQUAL for item in self.verified)

    @property
    def faults(self) -> int:
        used = {item.result.frame_id for item in self.verified if item.judgement.verdict == Verdict.TAMPERED}
        return sum(item.is_fault for item in self.verified) + sum(
            rows.fingerprint not in used for rows in self.tampered
        )

    @property
    def explained(self) -> int:
        return sum(not item.is_fault for item in self.verified) - self.equal

    def details(self) -> list[dict[str, Any]]:
        unlike = [item for item in self.verified if item.judgement.verdict != Verdict.EQUAL]
        return [item.as_json() for item in unlike] + [rows.as_json() for rows in self.tampered]
