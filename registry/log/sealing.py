"""One chain of hashes over all changes, made after the commit so that no writer waits for another's."""

import hashlib

from django.db import connection, transaction

from registry.log.models import Change, Pending, Seal
from registry.log.recording import canonical

GENESIS = "0" * 64
_BATCH = 2000
# Any number, as long as nothing else in this database takes the same advisory lock.
_LOCK = 7_420_114


def seal_pending() -> int:
    """Seals every change that waits, in batches; returns how many. Only one sealer works at a time."""
    total = 0
    while sealed := _seal_batch():
        total += sealed
    return total


def _seal_batch() -> int:
    with transaction.atomic():
        if not _is_only_sealer():
            return 0
        changes = list(Change.objects.filter(pending__isnull=False).order_by("id")[:_BATCH])
        last = Seal.objects.order_by("-seq").first()
        seq, previous = (last.seq, last.hash) if last else (0, GENESIS)
        seals = []
        for change in changes:
            seq, previous = seq + 1, chained(previous, change)
            seals.append(Seal(seq=seq, change=change, hash=previous))
        Seal.objects.bulk_create(seals, batch_size=500)
        Pending.objects.filter(change__in=changes).delete()
        return len(seals)


def _is_only_sealer() -> bool:
    if connection.vendor != "postgresql":
        return True  # SQLite: every atomic() already holds the write lock (IMMEDIATE)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])


def chained(previous: str, change: Change) -> str:
    facts = {
        "id": change.pk,
        "at": change.at.timestamp(),
        "batch": change.batch.hex,
        "actor": [change.actor_id, change.actor_name, change.source],
        "stream": [change.cohort_id, change.domain, change.version],
        "action": change.action,
        "subject": [change.subject_type, change.subject_id, change.subject_code],
        "old": change.old,
        "new": change.new,
        "reason": change.reason,
    }
    return hashlib.sha256((previous + canonical(facts)).encode()).hexdigest()


def head() -> str:
    """The newest hash: printed on reports, so that a later forgery of the log would contradict paper."""
    last = Seal.objects.order_by("-seq").first()
    return last.hash if last else GENESIS
