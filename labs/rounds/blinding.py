"""What a reader of an open round may not see, whatever other role the login holds."""

from labs.rounds.models import BLIND, RoundReader
from registry.people.models import User


def blinded_markers(user: User) -> frozenset[str]:
    """Codes of the markers that the user reads in a round that is not closed yet."""
    found = (
        RoundReader.objects.filter(reader=user, retired_reason="", round__status__in=BLIND, round__retired_reason="")
        .order_by()
        .values_list("round__protocol__markers__marker__code", flat=True)
        .distinct()
    )
    return frozenset(code for code in found if code)
