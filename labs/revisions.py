"""Results are never overwritten: a correction is a new row that supersedes the old one, and 'current' is a view."""

from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import Any, Self, TypeVar, cast

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext_lazy as _

from registry.log.actors import Actor
from registry.log.checking import BATCH, check, explained, first_refused
from registry.log.facts import StaleWrite, Versioned, changes_since
from registry.log.models import Action
from registry.log.recording import Recorder, recording

R = TypeVar("R", bound="Revision")


class RevisionQuerySet(models.QuerySet[R]):
    def current(self) -> Self:
        """The newest revision of each result that was not retracted."""
        return self.filter(successor__isnull=True, is_retracted=False)


class Revision(Versioned):
    """One revision of a result. `version` counts them; the database lets a row be superseded only once."""

    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="successor"
    )
    is_retracted = models.BooleanField(_("retracted"), default=False, editable=False)
    correction_reason = models.CharField(_("reason of the correction"), max_length=500, blank=True, editable=False)
    recorded_by = models.CharField(_("recorded by"), max_length=150, editable=False)
    recorded_at = models.DateTimeField(_("recorded at"), auto_now_add=True)

    class Meta:
        abstract = True

    def values(self) -> dict[str, Any]:
        return super().values() | ({"is_retracted": True} if self.is_retracted else {})


def record(result: R, *, by: Actor, reason: str = "") -> R:
    with explained(result), recording(by, reason) as log:
        result.recorded_by = by.name
        check(result)
        result.save(force_insert=True)
        _log_new(log, result)
    return result


def record_many(results: Sequence[R], *, by: Actor, reason: str = "", reasons: Iterable[str] = repeat("")) -> list[R]:
    """First revisions of one table in one statement, for imports. `reasons` are those of each that has its own."""
    if not results:
        return []
    with explained(lambda: first_refused(results)), recording(by, reason) as log:
        for result in results:
            result.recorded_by = by.name
            check(result)
        type(results[0])._default_manager.bulk_create(results, batch_size=BATCH)
        for result, why in zip(results, reasons, strict=False):
            _log_new(log, result, why)
    return list(results)


def _log_new(log: Recorder, result: Revision, reason: str = "") -> None:
    log.add(
        result.streams(),
        Action.CREATE,
        subject=(result._meta.model_name or "", result.pk, result.log_code()),
        new=result.values() | {"version": result.version},
        reason=reason,
    )


def supersede(old: R, new: R, *, by: Actor, reason: str, retract: bool = False) -> R:
    """Stores `new` as the next revision of `old`; StaleWrite when somebody superseded `old` already.

    The same values again are no revision: `old` comes back.
    """
    with explained(new), recording(by, reason) as log:
        new.pk = None
        new.supersedes = old
        new.version = old.version + 1
        new.is_retracted = retract
        new.correction_reason = reason
        new.recorded_by = by.name
        _refuse_if_superseded(old)
        check(new)
        before, after = old.values(), new.values()
        moved = {name for name in before.keys() | after.keys() if after.get(name) != before.get(name)}
        if not moved:
            return old
        try:
            with transaction.atomic():
                new.save(force_insert=True)
        except IntegrityError:
            _refuse_if_superseded(old)
            raise
        log.add(
            sorted({*old.streams(), *new.streams()}, key=str),
            Action.RETIRE if retract else Action.CORRECT,
            subject=(new._meta.model_name or "", new.pk, new.log_code()),
            old={name: before.get(name) for name in moved},
            new={name: after.get(name) for name in moved} | {"version": new.version},
        )
    return new


def newest_of(row: R) -> R:
    """The newest revision of the result that `row` is a revision of."""
    while (successor := _successor(row)) is not None:
        row = successor
    return row


def revision_of(newest: R, version: int) -> R | None:
    row: Any = newest
    while row is not None and row.version != version:
        row = row.supersedes
    return cast(R | None, row)


def _successor(row: R) -> R | None:
    return type(row)._default_manager.filter(**{"supersedes_id": row.pk}).first()


def _refuse_if_superseded(old: Revision) -> None:
    if _successor(old) is not None:
        raise StaleWrite(changes_since(newest_of(old), old.version))
