from django.http import Http404

from labs.markers.models import Stain
from labs.rounds.blinding import without_blinded
from labs.specimens.access import visible_specimens
from registry.people.models import User


def access_stain_at_bench(user: User, pk: int) -> Stain:
    stains = Stain.objects.filter(retired_reason="", specimen__in=visible_specimens(user))
    stain = without_blinded(stains, user).filter(pk=pk).select_related("specimen__patient", "marker").first()
    if stain is None:
        raise Http404
    return stain
