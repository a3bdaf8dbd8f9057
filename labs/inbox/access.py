"""The only ways from a request to what was received: messages of the user's sites, and of senders without a site."""

from django.db.models import Q, QuerySet
from django.http import Http404

from labs.inbox.models import Message, MessageRow, RawMessage
from labs.specimens.access import BENCH
from registry.cohorts.access import visible_sites
from registry.people.models import User
from registry.people.roles import RECORDING

# Whoever works through what waits, and whoever may see who a patient is.
INBOX_ROLES, IDENTITY_ROLES = BENCH, RECORDING


def visible_raw(user: User) -> QuerySet[RawMessage]:
    sites = visible_sites(user)
    mine = Q(message__site__in=sites) | Q(message__site__isnull=True)
    return RawMessage.objects.filter(mine).select_related("message").defer("data")


def visible_messages(user: User) -> QuerySet[Message]:
    return Message.objects.filter(Q(site__in=visible_sites(user)) | Q(site__isnull=True)).select_related("raw")


def visible_rows(user: User) -> QuerySet[MessageRow]:
    """Also not those of a patient of another site."""
    sites = visible_sites(user)
    mine = Q(message__site__in=sites) | Q(message__site__isnull=True)
    return MessageRow.objects.filter(mine, Q(patient__isnull=True) | Q(patient__site__in=sites)).select_related(
        "message", "analyte", "patient"
    )


def access_raw(user: User, pk: int) -> RawMessage:
    found = visible_raw(user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def access_row(user: User, pk: int) -> MessageRow:
    rows = visible_rows(user).select_related("message__raw", "result__specimen", "result__analyte")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
