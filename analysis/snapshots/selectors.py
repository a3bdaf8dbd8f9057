"""What a snapshot holds: its table and its answers, for pages and for whoever exports it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analysis.engine.between import NOT_DATA
from analysis.engine.models import Result, Run
from analysis.frames.frame import Frame
from analysis.headline.claims import Moved, compare
from analysis.snapshots.models import Snapshot, SnapshotResult
from analysis.standing import last_run
from registry.extensions import hidden_from
from registry.people.models import User


@dataclass(frozen=True)
class Kept:
    """An answer of a snapshot beside the present one."""

    row: SnapshotResult
    moved: Sequence[Moved]
    present: Run | None

    @property
    def result(self) -> Result:
        return self.row.result

    @property
    def told(self) -> list[Moved]:
        """What moved, and every verdict; of an answer that has neither its first claim, so that it is there at all."""
        telling = [claim for claim in self.moved if claim.is_moved or (claim.before or {}).get("verdict")]
        return telling or list(self.moved[:1])

    @property
    def is_moved(self) -> bool:
        return any(claim.is_moved for claim in self.moved)

    @property
    def is_flipped(self) -> bool:
        return any(claim.is_flip for claim in self.moved)


def snapshot_results(snapshot: Snapshot) -> list[SnapshotResult]:
    """The answers, in the order of the analyses; `row.result.frame` is the table that each was computed from."""
    rows = snapshot.results.select_related("analysis__cohort", "analysis__current", "result__frame", "run")
    return list(rows.order_by("analysis__order", "analysis__slug"))


def snapshot_frame(snapshot: Snapshot) -> Frame:
    """The frozen table: one row per eligible patient, `PFS.months` and `PFS.event` of each endpoint, every variable."""
    return Frame.from_bytes(snapshot.table.content)


def compared(snapshot: Snapshot) -> list[Kept]:
    return [_beside_the_present(row) for row in snapshot_results(snapshot)]


def shown_versions(snapshot: Snapshot, user: User) -> dict[str, int]:
    """How often a round that is not closed was written to is nobody's to know."""
    hidden = hidden_from(user).domains
    return {domain: version for domain, version in sorted(snapshot.versions.items()) if domain not in hidden}


def moved_streams(snapshot: Snapshot, user: User) -> dict[str, tuple[int, int]]:
    """Of the cohort: version then and now, of those that moved since."""
    now = dict(snapshot.cohort.stream_versions.values_list("domain", "version"))
    for domain in {*NOT_DATA, *hidden_from(user).domains}:
        now.pop(domain, None)
    return {
        domain: (snapshot.versions.get(domain, 0), version)
        for domain, version in sorted(now.items())
        if snapshot.versions.get(domain, 0) != version
    }


def _beside_the_present(row: SnapshotResult) -> Kept:
    current = row.analysis.current
    claims: list[dict[str, Any]] = current.claims if current else []
    return Kept(row, compare(row.result.claims, claims), last_run(row.analysis))
