"""Who may see which stain and whose read of it. A pathologist sees the reads of nobody else."""

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404

from labs.ihc.models import Read
from labs.markers.models import Stain
from labs.rounds.blinding import without_blinded
from registry.patients.access import visible_patients
from registry.people.models import User
from registry.people.roles import Role

READING = (Role.PATHOLOGIST, Role.DATA_MANAGER, Role.ADMINISTRATOR)
LISTING = (*READING, Role.TECHNICIAN)
# Whoever may correct a read in its reader's name: a transcription error found later.
CORRECTING_OTHERS = (Role.DATA_MANAGER, Role.ADMINISTRATOR)


def visible_stains(user: User) -> QuerySet[Stain]:
    """Without the markers that the user reads blind at the moment."""
    stains = Stain.objects.filter(
        retired_reason="", specimen__retired_reason="", specimen__patient__in=visible_patients(user)
    )
    return without_blinded(stains, user).select_related("marker", "specimen")


def access_stain(user: User, pk: int) -> Stain:
    stain = visible_stains(user).filter(pk=pk).first()
    if stain is None:
        raise Http404
    return stain


def may_see_reads_of_others(user: User) -> bool:
    return user.has_role(*CORRECTING_OTHERS) and not user.has_role(Role.PATHOLOGIST)


def access_reader(user: User, stain: Stain, asked: str) -> str:
    """In whose name the stain is read: the user's own, or that of a reader whose read may be corrected."""
    if asked in ("", user.username):
        return user.username
    if not may_see_reads_of_others(user):
        raise PermissionDenied
    if not Read.objects.outside_rounds().filter(stain=stain, reader=asked).exists():
        raise Http404
    return asked
