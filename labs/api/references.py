"""What an entry of the laboratory names by its code."""

from django.http import Http404
from django.utils.translation import gettext as _

from labs.blood.models import Analyte
from labs.blood.selectors import analytes
from labs.markers.models import Antibody, Marker
from labs.rounds.blinding import blinded_markers
from labs.specimens.access import visible_specimens
from labs.specimens.models import Specimen
from registry.api.serializers import referred
from registry.people.models import User


def specimen_named(user: User, code: str, field: str = "specimen") -> Specimen:
    def find() -> Specimen:
        found = visible_specimens(user).filter(code=code).first()
        if found is None:
            raise Http404
        return found

    return referred(field, find, _("There is no specimen with this code."))


def marker_named(user: User, code: str) -> Marker:
    def find() -> Marker:
        found = Marker.objects.filter(code=code, retired_reason="").exclude(code__in=blinded_markers(user)).first()
        if found is None:
            raise Http404
        return found

    return referred("marker", find, _("There is no marker with this code."))


def antibody_numbered(pk: int | None) -> Antibody | None:
    def find() -> Antibody:
        found = Antibody.objects.filter(pk=pk or 0, retired_reason="").select_related("marker").first()
        if found is None:
            raise Http404
        return found

    return None if pk is None else referred("antibody", find, _("There is no antibody with this number."))


def analyte_named(code: str) -> Analyte:
    def find() -> Analyte:
        known = analytes()
        if code not in known:
            raise Http404
        return known[code]

    return referred("analyte", find, _("There is no analyte with this code."))
