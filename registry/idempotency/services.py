"""A POST that is sent again because its answer was lost: done once, answered twice."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from django.db import connection, transaction
from django.utils import timezone

from registry.idempotency.models import KeptAnswer
from registry.people.models import User

KEPT_FOR = timedelta(hours=24)


class UnderWay(Exception):
    """The first request with this key has no answer yet."""


class OtherRequest(Exception):
    """The key was used for something else."""


@dataclass(frozen=True)
class Answer:
    status: int
    body: str
    etag: str = ""


def done_once(*, owner: User, key: str, digest: str, do: Callable[[], Answer]) -> tuple[Answer, bool]:
    """What `do` answered, now or before; and whether it was before.

    `do` and the row that says so are one transaction. What it raises undoes both, so that the same key may try again.

    Raises
    ------
    UnderWay, OtherRequest
    """
    with transaction.atomic():
        _hold(owner, key)
        known = KeptAnswer.objects.filter(owner=owner, key=key).first()
        if known is not None and known.at <= timezone.now() - KEPT_FOR:
            known.delete()
            known = None
        if known is not None:
            if known.digest != digest:
                raise OtherRequest
            return Answer(known.status, known.body, known.etag), True
        answer = do()
        KeptAnswer.objects.create(
            owner=owner, key=key, digest=digest, status=answer.status, etag=answer.etag, body=answer.body
        )
    return answer, False


def _hold(owner: User, key: str) -> None:
    """Until the transaction ends nobody else has this key.

    On SQLite the transaction itself has the only right to write: whoever comes second waits, and finds the answer.
    """
    if connection.vendor != "postgresql":
        return
    number = int.from_bytes(sha256(f"{owner.pk} {key}".encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        if not cursor.fetchone()[0]:
            raise UnderWay


def answers_purge() -> int:
    """By the sweep; returns how many."""
    return KeptAnswer.objects.filter(at__lte=timezone.now() - KEPT_FOR).delete()[0]
