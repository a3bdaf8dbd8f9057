"""The one door for writes: a transaction whose changes become rows, with the streams bumped at its very end."""

import json
import uuid
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from registry.log.actors import Actor
from registry.log.models import Action, Change, Pending, Stream

StreamKey = tuple[int | None, str]
Value = TypeVar("Value")


@dataclass(frozen=True)
class Entry:
    cohort_id: int | None
    domain: str
    action: Action
    subject_type: str
    subject_id: str
    subject_code: str
    old: dict[str, Any]
    new: dict[str, Any]
    reason: str
    actor: Actor

    @property
    def stream(self) -> StreamKey:
        return (self.cohort_id, self.domain)


@dataclass
class Recorder:
    actor: Actor
    reason: str
    entries: list[Entry] = field(default_factory=list)
    known: dict[Hashable, Any] = field(default_factory=dict)

    def add(
        self,
        streams: Iterable[StreamKey],
        action: Action,
        *,
        subject: tuple[str, Any, str],
        old: dict[str, Any] | None = None,
        new: dict[str, Any] | None = None,
        reason: str = "",
    ) -> None:
        kind, key, code = subject
        why = reason or self.reason
        for cohort_id, domain in streams:
            self.entries.append(
                Entry(cohort_id, domain, action, kind, str(key), code, old or {}, new or {}, why, self.actor)
            )


_open: ContextVar[Recorder | None] = ContextVar("open_recorder", default=None)
_doorbells: list[Callable[[], None]] = []


def add_doorbell(ring: Callable[[], None]) -> None:
    """Registers what is called after the commit of every transaction that changed something."""
    _doorbells.append(ring)


@contextmanager
def recording(by: Actor, reason: str = "") -> Iterator[Recorder]:
    """Opens the transaction of one write, or joins the one that is open.

    1. Everything inside happens in one transaction.
    2. The changes are collected, not written: a long import must not hold the stream's lock that a short save needs.
    3. At the end of the outermost block the streams are bumped in the order of their names and the rows appended.
    4. After the commit the doorbell rings; it may be lost.
    """
    outer = _open.get()
    if outer is not None:
        yield from _joined(outer, by, reason)
        return
    log = Recorder(by, reason)
    token = _open.set(log)
    try:
        with transaction.atomic():
            yield log
            _append(log.entries)
    finally:
        _open.reset(token)


def _joined(outer: Recorder, by: Actor, reason: str) -> Iterator[Recorder]:
    # What a service called has its rows in this recorder, so that they go with it when it fails and the caller goes on.
    inner = Recorder(by, reason or outer.reason, known=outer.known)
    token = _open.set(inner)
    try:
        with transaction.atomic():
            yield inner
    except BaseException:
        outer.known.clear()  # it may have been read from rows that were just rolled back
        raise
    finally:
        _open.reset(token)
    outer.entries.extend(inner.entries)


def known_once(key: Hashable, read: Callable[[], Value]) -> Value:
    """What `read` finds, asked once per transaction: an import writes many facts of the same patient."""
    log = _open.get()
    if log is None:
        return read()
    if key not in log.known:
        log.known[key] = read()
    found: Value = log.known[key]
    return found


def known_already(found: Mapping[Hashable, Any]) -> None:
    """What was asked for many at once, for `known_once` to find."""
    if log := _open.get():
        log.known |= found


def forget(key: Hashable) -> None:
    if log := _open.get():
        log.known.pop(key, None)


def is_recording() -> bool:
    return _open.get() is not None


def _append(entries: list[Entry]) -> None:
    if not entries:
        return
    now, batch = timezone.now(), uuid.uuid4()
    ordered = sorted(entries, key=lambda entry: (entry.domain, entry.cohort_id or 0))
    groups = [(key, list(group)) for key, group in groupby(ordered, key=lambda entry: entry.stream)]
    last = _bumped({key: len(members) for key, members in groups}, now)
    rows = [
        _row(entry, now, batch, last[key] - len(members) + place)
        for key, members in groups
        for place, entry in enumerate(members, start=1)
    ]
    changes = Change.objects.bulk_create(rows, batch_size=500)
    Pending.objects.bulk_create([Pending(change=change) for change in changes], batch_size=500)
    for ring in _doorbells:
        transaction.on_commit(ring, robust=True)


def stream_of(key: StreamKey) -> Stream:
    cohort_id, domain = key
    stream, _made = Stream.objects.get_or_create(cohort_id=cohort_id, domain=domain)  # type: ignore[misc]  # null is a key
    return stream


def _bumped(steps: dict[StreamKey, int], now: datetime) -> dict[StreamKey, int]:
    """The new version of each stream. Bumped one after the other, in their order: so nobody waits in a circle."""
    domains = {domain for _cohort, domain in steps}
    known = {(row.cohort_id, row.domain): row.pk for row in Stream.objects.filter(domain__in=domains)}
    pks = {key: known.get(key) or stream_of(key).pk for key in steps}
    for key, by in steps.items():
        Stream.objects.filter(pk=pks[key]).update(version=F("version") + by, changed_at=now)
    versions = dict(Stream.objects.filter(pk__in=pks.values()).values_list("pk", "version"))
    return {key: versions[pk] for key, pk in pks.items()}


def _row(entry: Entry, now: datetime, batch: uuid.UUID, version: int) -> Change:
    return Change(
        at=now,
        batch=batch,
        actor_id=entry.actor.id,
        actor_name=entry.actor.name,
        source=entry.actor.source,
        cohort_id=entry.cohort_id,
        domain=entry.domain,
        version=version,
        action=entry.action,
        subject_type=entry.subject_type,
        subject_id=entry.subject_id,
        subject_code=entry.subject_code,
        old=canonical(entry.old),
        new=canonical(entry.new),
        reason=entry.reason,
    )


def canonical(values: Any) -> str:
    """JSON with sorted keys and no spaces: the same values are the same bytes on every database."""
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain)


def _plain(value: Any) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal | uuid.UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in the change log")
