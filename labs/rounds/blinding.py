"""What a reader of an open round may not see, whatever other role the login holds.

Every query that reaches a marker's values goes through one of these; docs/developer/blinding.md says which.
"""

from functools import cache
from typing import Any, TypeVar

from django.apps import apps
from django.db.models import Model, Q, QuerySet

from labs.rounds.models import BLIND, ROUNDS, Round, RoundReader, RoundStatus
from registry.export.tables import way_to
from registry.extensions import Hidden
from registry.people.models import User

# Streams that carry a marker's values.
SOURCES = ("ihc", "blot", "qpcr")
Rows = TypeVar("Rows", bound=QuerySet[Any])


def blinded_markers(user: User) -> frozenset[str]:
    """Codes of the markers that the user reads in a round that is not closed yet."""
    found = (
        RoundReader.objects.filter(reader=user, retired_reason="", round__status__in=BLIND, round__retired_reason="")
        .order_by()
        .values_list("round__protocol__markers__marker__code", flat=True)
        .distinct()
    )
    return frozenset(code for code in found if code)


def is_blind(user: User) -> bool:
    return bool(blinded_markers(user))


def blinded_domains(user: User) -> frozenset[str]:
    """The streams of those markers, in every cohort."""
    return frozenset(f"{source}/{code}" for code in blinded_markers(user) for source in SOURCES)


def without_blinded(rows: Rows, user: User, marker: str = "marker") -> Rows:
    """Rows without those of the user's blinded markers; `marker` is the way from a row to its marker."""
    return rows.exclude(**{f"{marker}__code__in": blinded_markers(user)})


def hidden_of(user: User) -> Hidden:
    """For the registry: nobody sees a round that is not closed in log or export, a reader of one a good deal less."""
    not_closed = Round.objects.exclude(status=RoundStatus.CLOSED)
    domains = {f"{ROUNDS}{code}" for code in not_closed.values_list("code", flat=True)} | blinded_domains(user)
    return Hidden(
        domains=frozenset(domains),
        rows={model: _of_open_round(path) for model, path in _of_rounds().items()},
        # The numbers of rows, and versions of streams, tell how much others have saved. So it is all or nothing.
        no_export=is_blind(user),
    )


@cache
def _of_rounds() -> dict[type[Model], str]:
    """Every table whose rows belong to a round, with the way there; whose rounds there are is no secret."""
    found = {model: way_to(model, Round) for model in apps.get_models() if model not in (Round, RoundReader)}
    return {model: path for model, path in found.items() if path}


def _of_open_round(path: str) -> Q:
    return Q(**{f"{path}__isnull": False}) & ~Q(**{f"{path}__status": RoundStatus.CLOSED})
