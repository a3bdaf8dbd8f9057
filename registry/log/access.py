"""Which entries of the change log somebody may see; every page that shows entries asks here."""

from django.db.models import QuerySet

from registry.extensions import hidden_from
from registry.log.models import Change
from registry.people.models import User


def visible_changes(user: User) -> QuerySet[Change]:
    return Change.objects.exclude(domain__in=hidden_from(user).domains)
