"""Writes that meet another one about the same thing."""

from collections.abc import Callable

from django.db import IntegrityError, OperationalError

from labs.connectors.fhir.asking import Answer

_DEADLOCK = "40P01"


def twice(ask: Callable[[], Answer]) -> Answer:
    """Of two requests at the same moment the slower one finds what the other stored at its second try. And of two
    that wait for each other's patients the database has one give way: nothing of it is stored."""
    try:
        return ask()
    except IntegrityError:
        pass
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != _DEADLOCK:
            raise
    return ask()
