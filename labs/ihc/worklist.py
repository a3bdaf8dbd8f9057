"""The stains that a reader works through, in one order for the list, the form's arrows and the progress bar."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from labs.ihc.access import visible_stains
from labs.ihc.models import Read
from labs.markers.models import Scale, Stain
from registry.people.models import User


def stains_with_my_read(user: User) -> QuerySet[Any]:
    """Stains; `my_value` is the reader's own current value; nobody else's is ever part of the query."""
    mine = Read.objects.outside_rounds().current().filter(stain=OuterRef("pk"), reader=user.username)
    return (
        visible_stains(user)
        .annotate(my_value=Subquery(mine.values("value")[:1]), is_read=Exists(mine))
        .order_by("marker__code", "specimen__code")
    )


def under_the_microscope(stains: QuerySet[Any]) -> QuerySet[Any]:
    """Densities come from image analysis: they are nobody's to do."""
    return stains.exclude(marker__scale=Scale.DENSITY)


def newest_read(stain: Stain, reader: str) -> Read | None:
    """The newest revision, a retracted one too: that one is corrected, not entered anew."""
    found: Read | None = (
        Read.objects.outside_rounds().filter(stain=stain, reader=reader, successor__isnull=True).first()
    )
    return found


def reads_of(stain: Stain) -> QuerySet[Read]:
    return Read.objects.outside_rounds().filter(stain=stain, successor__isnull=True).order_by("reader")


def revisions_of(read: Read) -> QuerySet[Read]:
    return Read.objects.filter(stain=read.stain_id, slide=read.slide_id, reader=read.reader).order_by("version")


@dataclass(frozen=True)
class Place:
    """Where a stain stands in the work list of its marker."""

    previous: Stain | None
    following: Stain | None
    next_unread: Stain | None
    done: int
    total: int


def place_of(user: User, stain: Stain) -> Place:
    stains = stains_with_my_read(user).filter(marker=stain.marker)
    before = stains.filter(specimen__code__lt=stain.specimen.code)
    after = stains.filter(specimen__code__gt=stain.specimen.code)
    return Place(
        previous=before.order_by("-specimen__code").first(),
        following=after.first(),
        # Then from the start again: a skipped stain is not forgotten.
        next_unread=after.filter(is_read=False).first() or before.filter(is_read=False).first(),
        done=stains.filter(is_read=True).count(),
        total=stains.count(),
    )
