"""Whoever reads a marker blind defines nothing that would sort patients by it: the forms do not offer it either."""

from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from labs.rounds.blinding import blinded_domains
from registry.people.models import User


def refuse_blinded(user: User, domains: Collection[str], field: str) -> None:
    if not blinded_domains(user).isdisjoint(domains):
        raise ValidationError({field: _("One of these variables is not there, or not yours to see.")})
