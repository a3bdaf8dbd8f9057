"""The only ways from a request to a run or a well. The answer to a stranger is the answer to a wrong number."""

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404

from labs.qpcr.models import PcrRun, PcrTarget, PcrWell
from labs.rounds.blinding import blinded_markers
from labs.specimens.access import visible_specimens
from registry.people.models import User


def visible_runs(user: User) -> QuerySet[PcrRun]:
    """Runs without a specimen that the user may not see, and without a marker that the user reads in an open round."""
    wells = PcrWell.objects.filter(run=OuterRef("pk"))
    hidden = wells.filter(specimen__isnull=False).exclude(specimen__in=visible_specimens(user))
    codes = blinded_markers(user)
    names = PcrTarget.objects.filter(retired_reason="", marker__code__in=codes).values("name")
    # A target that nobody has explained yet is mostly called like its marker.
    blinded = wells.filter(Q(target__in=names) | Q(target__in=codes))
    runs = PcrRun.objects.valid().filter(~Exists(hidden), ~Exists(blinded))
    return runs.select_related("file", "reference_run__file")


def access_run(user: User, pk: int) -> PcrRun:
    run = visible_runs(user).filter(pk=pk).first()
    if run is None:
        raise Http404
    return run


def access_well(user: User, pk: int) -> PcrWell:
    wells = PcrWell.objects.valid().filter(run__in=visible_runs(user)).select_related("run__file", "specimen")
    well = wells.filter(pk=pk).first()
    if well is None:
        raise Http404
    return well


def access_target(pk: int) -> PcrTarget:
    target = PcrTarget.objects.filter(pk=pk, retired_reason="").select_related("marker").first()
    if target is None:
        raise Http404
    return target
