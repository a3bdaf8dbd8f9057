"""The only ways from a request to what was agreed with senders: of the user's sites, and what is of no site."""

from django.db.models import Q, QuerySet
from django.http import Http404

from labs.inbox.mapping.models import Authority, CodeMapping, Sender
from registry.cohorts.access import visible_sites
from registry.people.models import User


def visible_senders(user: User) -> QuerySet[Sender]:
    mine = Q(site__isnull=True) | Q(site__in=visible_sites(user))
    return Sender.objects.filter(mine, retired_reason="").select_related("site")


def visible_authorities(user: User) -> QuerySet[Authority]:
    return Authority.objects.filter(retired_reason="", site__in=visible_sites(user)).select_related("site")


def visible_mappings() -> QuerySet[CodeMapping]:
    """Of everybody at the bench: a code means the same at every site."""
    return CodeMapping.objects.filter(retired_reason="").select_related("analyte")


def access_sender(user: User, pk: int) -> Sender:
    found = visible_senders(user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def access_authority(user: User, pk: int) -> Authority:
    found = visible_authorities(user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def access_mapping(pk: int) -> CodeMapping:
    found = visible_mappings().filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
