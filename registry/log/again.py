"""Writes that meet another one about the same thing at the same moment."""

from collections.abc import Callable
from typing import TypeVar

from django.db import IntegrityError, OperationalError

Found = TypeVar("Found")
_DEADLOCK = "40P01"


def twice(act: Callable[[], Found], *, meets: type[Exception] | tuple[type[Exception], ...] = IntegrityError) -> Found:
    """Once more where `act`, a whole transaction, met another: the slower of two finds at its second try what the other
    stored. `meets` are the errors that say so. And of two that wait for each other PostgreSQL has one give way."""
    try:
        return act()
    except meets:
        pass
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != _DEADLOCK:
            raise
    return act()
