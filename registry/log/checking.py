"""What a row is checked for before it is saved, and what a person is told when the database refuses it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models

BATCH = 200  # rows of one statement: SQLite limits its parameters


def check(row: models.Model) -> None:
    """All checks of full_clean that ask no question of the database: its constraints answer when the row is saved."""
    held = {field.name for field in relations(row) if field.is_cached(row)}
    try:
        row.clean_fields(exclude=held)
    except ValidationError as errors:
        raise _all_errors(row, errors) from None
    row.clean()


def relations(row: models.Model) -> Iterator["models.ForeignKey[Any, Any]"]:
    return (field for field in row._meta.concrete_fields if isinstance(field, models.ForeignKey))


def _all_errors(row: models.Model, errors: ValidationError) -> ValidationError:
    """What clean() has to say as well: a person mends all fields of a form at once."""
    found = errors.update_error_dict({})
    try:
        row.clean()
    except ValidationError as more:
        found = more.update_error_dict(found)
    return ValidationError(found)


def first_refused(rows: Sequence[models.Model]) -> models.Model:
    """Of the rows of one refused statement the first that is at fault; the database does not say which."""
    for row in rows:
        try:
            row.full_clean()
        except ValidationError:
            return row
    return rows[0]


@contextmanager
def explained(row: models.Model | Callable[[], models.Model]) -> Iterator[None]:
    """Turns the refusal of a database constraint into the sentence of the constraint that refused.

    Asking afterwards costs an import nothing, and leaves no moment between the question and the save to another writer.
    """
    try:
        yield
    except IntegrityError:
        refused = row if isinstance(row, models.Model) else row()
        refused.full_clean()
        raise
