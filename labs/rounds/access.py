"""The only ways from a request to a round. Its readers see their own queues; a coordinator is none of them."""

from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404

from labs.rounds.blinding import blinded_markers
from labs.rounds.models import BLIND, Assignment, ProtocolMarker, Round, RoundReader, RoundStatus, Slide
from registry.cohorts.access import visible_cohorts
from registry.people.models import User
from registry.people.roles import RECORDING, Role

READERS = (Role.PATHOLOGIST,)
COORDINATORS = RECORDING
# Whoever may look at a round that is closed.
FOLLOWERS = (*RECORDING, Role.INVESTIGATOR)


def coordinated_rounds(user: User) -> QuerySet[Round]:
    """Rounds whose reads the user may see: of the user's cohorts, and not of a marker that the user reads blind."""
    blind = ProtocolMarker.objects.filter(
        protocol=OuterRef("protocol"), retired_reason="", marker__code__in=blinded_markers(user)
    )
    mine = RoundReader.objects.filter(round=OuterRef("pk"), reader=user, retired_reason="")
    return (
        Round.objects.filter(retired_reason="", cohort__in=visible_cohorts(user))
        .exclude(Exists(mine), status__in=[RoundStatus.DRAFT, *BLIND])
        .exclude(Exists(blind), status__in=[*BLIND, RoundStatus.CLOSED])
        .select_related("cohort", "protocol")
    )


def access_round(user: User, code: str) -> Round:
    found = coordinated_rounds(user).filter(code=code).first()
    if found is None:
        raise Http404
    return found


def access_slide(user: User, round_code: str, slide_code: str) -> Slide:
    """A slide for whoever settles it; a reader of the round finds none."""
    slides = access_round(user, round_code).slides.select_related("round__protocol", "round__cohort", "stain__marker")
    found = slides.filter(code=slide_code, retired_reason="").first()
    if found is None:
        raise Http404
    return found


def my_duties(user: User) -> QuerySet[RoundReader]:
    """The rounds in which the user reads, or has read, once they are open."""
    return (
        RoundReader.objects.filter(reader=user, retired_reason="", round__retired_reason="")
        .exclude(round__status=RoundStatus.DRAFT)
        .select_related("round__protocol", "round__cohort", "reader")
    )


def access_duty(user: User, round_code: str) -> RoundReader:
    found = my_duties(user).filter(round__code=round_code).first()
    if found is None:
        raise Http404
    return found


def access_assignment(user: User, round_code: str, slide_code: str) -> Assignment:
    found = (
        Assignment.objects.filter(round_reader=access_duty(user, round_code), slide__code=slide_code)
        .select_related(
            "slide__round__protocol", "slide__stain__marker", "slide__stain__specimen", "round_reader__reader"
        )
        .first()
    )
    if found is None:
        raise Http404
    return found
