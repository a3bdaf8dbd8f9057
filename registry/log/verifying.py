from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Exists, Max, OuterRef
from django.utils import timezone

from registry.log import appendonly
from registry.log.models import Change, Pending, Seal, Stream
from registry.log.sealing import GENESIS, chained, head, seal_pending

_PATIENCE = timedelta(minutes=1)


@dataclass(frozen=True)
class Verification:
    changes: int
    head: str
    faults: list[str]


def verify_log() -> Verification:
    """Seals what waits, walks the chain and names the first bad row and everything else that does not add up."""
    seal_pending()
    faults = [*_missing_triggers(), *_removed(), *_broken_chain(), *_unsealed(), *_version_gaps()]
    return Verification(changes=Change.objects.count(), head=head(), faults=faults)


def _missing_triggers() -> Iterator[str]:
    for name in appendonly.missing():
        yield f"Trigger {name} is missing: the log could be changed. Run migrate."


def _removed() -> Iterator[str]:
    present = Change.objects.filter(pk=OuterRef("change_id"))
    for seq, change_id in Seal.objects.filter(~Exists(present)).order_by("seq").values_list("seq", "change_id"):
        yield f"Change {change_id}, sealed as number {seq}, was removed from the log."


def _broken_chain() -> Iterator[str]:
    """Up to the first row that is wrong: behind it nothing can be said."""
    previous = GENESIS
    seals = Seal.objects.order_by("seq").select_related("change").iterator(chunk_size=2000)
    for expected, seal in enumerate(seals, start=1):
        change = seal.change
        if seal.seq != expected:
            yield f"Seal {expected} or its change is missing: the chain breaks before change {change.pk}."
            return
        if chained(previous, change) != seal.hash:
            yield (
                f"Change {change.pk} ({change.subject_type} {change.subject_code}, {change.at:%Y-%m-%d %H:%M} UTC, "
                f"by {change.actor_name}) is not what was sealed as number {seal.seq}."
            )
            return
        previous = seal.hash


def _unsealed() -> Iterator[str]:
    orphan = Change.objects.filter(seal__isnull=True, pending__isnull=True).order_by("id").first()
    if orphan:
        yield f"Change {orphan.pk} ({orphan.subject_type} {orphan.subject_code}) is neither sealed nor in line."
    late = Pending.objects.filter(since__lt=timezone.now() - _PATIENCE).order_by("since").first()
    if late:
        yield f"Change {late.change_id} has waited for its seal since {late.since:%Y-%m-%d %H:%M} UTC."


def _version_gaps() -> Iterator[str]:
    newest: dict[tuple[int | None, str], int] = {
        (row["cohort_id"], row["domain"]): row["version__max"]
        for row in Change.objects.values("cohort_id", "domain").annotate(Max("version")).order_by()
    }
    for stream in Stream.objects.order_by("domain", "cohort_id"):
        logged = newest.pop((stream.cohort_id, stream.domain), 0)
        if logged != stream.version:
            yield f"Stream {stream.domain} stands at {stream.version}, its newest change at {logged}."
    for _, domain in newest:
        yield f"Stream {domain} has changes and is missing itself."
