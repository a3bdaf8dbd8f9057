"""What every recorded fact has in common: a version for optimistic locking and its place in the change log."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import repeat
from typing import Any, Self, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.log.actors import Actor
from registry.log.checking import BATCH, check, explained, first_refused, relations
from registry.log.history import worded
from registry.log.models import Action, Change
from registry.log.recording import Recorder, StreamKey, recording


class Versioned(models.Model):
    """Base of every table whose rows have a place in the change log."""

    version = models.PositiveIntegerField(default=1, editable=False)

    # Columns whose values are identifiers of a patient: the log says that they changed, never to what.
    unlogged_values: tuple[str, ...] = ()

    class Meta:
        abstract = True

    def streams(self) -> Iterable[StreamKey]:
        raise NotImplementedError  # abstract: each table knows its cohorts and its domain

    def log_code(self) -> str:
        raise NotImplementedError  # abstract: a code that is safe to print (study number, slide code)

    def values(self) -> dict[str, Any]:
        return {
            field.name: getattr(self, field.attname)
            for field in self._meta.concrete_fields
            if not field.primary_key and field.editable
        }


class Fact(Versioned):
    """Base of the tables whose rows people enter and correct. Rows are retired with a reason, never deleted."""

    retired_reason = models.CharField(_("entered in error because"), max_length=500, blank=True, editable=False)

    class Meta:
        abstract = True


F = TypeVar("F", bound=Fact)


class StaleWrite(ValidationError):
    """Somebody saved the same row in between; nothing of the present save was kept."""

    def __init__(self, changes: list[Change]) -> None:
        self.changes = changes
        super().__init__(
            [self._sentence(change) for change in changes] or [_("Somebody else changed this in between.")]
        )

    @staticmethod
    def _sentence(change: Change) -> str:
        moved = "; ".join(f"{name}: {before} → {after}" for name, before, after in shown_changes(change))
        return _("%(who)s changed this at %(when)s: %(what)s. Your entries were not saved.") % {
            "who": change.actor_name,
            "when": f"{change.at:%Y-%m-%d %H:%M} UTC",
            "what": moved,
        }


def shown_changes(change: Change) -> Iterator[tuple[str, str, str]]:
    """column, before, after, of each column that moved"""
    for name, value in sorted(change.new_values.items()):
        before = change.old_values.get(name, "" if value == "" else None)
        if name != "version" and value != before:
            yield name, _shown(before), _shown(value)


def _shown(value: Any) -> str:
    return "—" if value in (None, "") else str(worded(value))


def create(fact: F, *, by: Actor, reason: str = "") -> F:
    with explained(fact), recording(by, reason) as log:
        check(fact)
        fact.save(force_insert=True)
        log_fact(log, fact, Action.CREATE, new=fact.values() | {"version": fact.version})
    return fact


def create_many(facts: Sequence[F], *, by: Actor, reason: str = "", reasons: Iterable[str] = repeat("")) -> list[F]:
    """New rows of one table in one statement: half the time of an import goes into statements and savepoints.

    `reasons` are those of each that has its own.
    """
    if not facts:
        return []
    with explained(lambda: first_refused(facts)), recording(by, reason) as log:
        for fact in facts:
            check(fact)
        type(facts[0])._default_manager.bulk_create(facts, batch_size=BATCH)
        for fact, why in zip(facts, reasons, strict=False):
            log_fact(log, fact, Action.CREATE, new=fact.values() | {"version": fact.version}, reason=why)
    return list(facts)


def update(fact: F, changes: dict[str, Any], *, expected_version: int | None, by: Actor, reason: str = "") -> F:
    """Writes the changed columns of `fact`, or raises StaleWrite when the row no longer has the expected version.

    None expects nothing: for imports and decisions that hold whatever was changed before.
    """
    row = fact
    with explained(lambda: row), recording(by, reason) as log:
        row = locked(fact, expected_version)
        _write(log, row, changes)
    return row


def update_locked(row: F, changes: dict[str, Any], *, by: Actor, reason: str = "") -> F:
    """The same for a row that the caller has just read for update."""
    with explained(row), recording(by, reason) as log:
        _write(log, row, changes)
    return row


def _write(log: Recorder, row: Fact, changes: dict[str, Any]) -> None:
    moved = _moved(row, changes)
    if not moved:
        return
    old = {name: getattr(row, name) for name in moved}
    row.version += 1
    # Of the row as it was, but as a corrected one: a new stain or specimen feeds nothing, a corrected one may have.
    streams_before = set(row.streams())
    for name, value in moved.items():
        setattr(row, name, value)
    check(row)
    row.save(force_update=True)
    new = {name: getattr(row, name) for name in moved} | {"version": row.version}
    log_fact(log, row, Action.UPDATE, old=_by_field(row, old), new=_by_field(row, new), also=streams_before)


def put(kind: type[F], *, key: dict[str, Any], values: dict[str, Any], by: Actor, reason: str = "") -> F:
    """Creates the row of this natural key or brings its values up to date; the same values again write nothing."""
    row = kind._default_manager.filter(**key).order_by("retired_reason", "-pk").first()
    if row is None:
        return create(kind(**key, **values), by=by, reason=reason)
    for name, value in key.items():
        if isinstance(value, models.Model):
            setattr(row, name, value)  # the log asks for its code: no query for what the caller holds already
    wanted = values | {"retired_reason": ""}
    if not _moved(row, wanted):
        return row
    return update(row, wanted, expected_version=row.version, by=by, reason=reason)


def retire(fact: F, *, expected_version: int, by: Actor, reason: str) -> F:
    if not reason.strip():
        raise ValidationError({"reason": _("Say why the entry is an error.")})
    with recording(by, reason) as log:
        row = locked(fact, expected_version)
        if row.retired_reason:
            return row
        old = row.values()
        row.version, row.retired_reason = row.version + 1, reason.strip()
        row.save(update_fields=["version", "retired_reason"])
        log_fact(log, row, Action.RETIRE, old=old, new={"version": row.version})
    return row


def locked(fact: F, expected_version: int | None) -> F:
    """The row as it is now, held until the end of the transaction; StaleWrite when it is not as it was seen."""
    # no_key: whoever adds a row that refers to this one need not wait
    row = type(fact)._default_manager.select_for_update(no_key=True).get(pk=fact.pk)
    if expected_version is not None and row.version != expected_version:
        raise StaleWrite(changes_since(row, expected_version))
    for field in relations(fact):
        if field.is_cached(fact) and getattr(fact, field.attname) == getattr(row, field.attname):
            field.set_cached_value(row, field.get_cached_value(fact))
    return row


def _moved(row: Fact, changes: dict[str, Any]) -> dict[str, Any]:
    """The changes that change something, by attribute: "61" for a number that is 61 does not."""
    moved = {}
    for name, value in changes.items():
        field: models.Field[Any, Any] = row._meta.get_field(name)  # type: ignore[assignment]  # concrete columns only
        plain = value.pk if isinstance(value, models.Model) else value
        try:
            cleaned = plain if field.is_relation else field.to_python(plain)
        except ValidationError as error:
            raise ValidationError({name: error.messages}) from None
        if cleaned != getattr(row, field.attname):
            moved[field.attname] = cleaned
    return moved


def _by_field(row: Fact, values: dict[str, Any]) -> dict[str, Any]:
    names = {field.attname: field.name for field in row._meta.concrete_fields}
    return {names[attname]: value for attname, value in values.items()}


def log_fact(
    log: Recorder,
    fact: Versioned,
    action: Action,
    *,
    old: dict[str, Any] | None = None,
    new: dict[str, Any] | None = None,
    also: Iterable[StreamKey] = (),
    reason: str = "",
) -> None:
    log.add(
        sorted({*fact.streams(), *also}, key=str),
        action,
        subject=(fact._meta.model_name or "", fact.pk, fact.log_code()),
        old=_hidden(fact, old),
        new=_hidden(fact, new),
        reason=reason,
    )


def changes_since(fact: Versioned, version: int) -> list[Change]:
    rows = Change.objects.filter(subject_type=fact._meta.model_name, subject_id=str(fact.pk)).order_by("id")
    seen: dict[int, Change] = {}
    for change in rows:
        after = change.new_values.get("version")
        if isinstance(after, int) and after > version:
            seen[after] = change  # one per save: a patient of two cohorts has a row in each stream
    return list(seen.values())


def _hidden(fact: Versioned, values: dict[str, Any] | None) -> dict[str, Any]:
    return {
        name: ("(withheld)" if value else "") if name in fact.unlogged_values else _loggable(value)
        for name, value in (values or {}).items()
    }


def _loggable(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value


class FactQuerySet(models.QuerySet[F]):
    def valid(self) -> Self:
        return self.filter(retired_reason="")
