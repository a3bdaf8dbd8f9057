"""The only ways from a request to a run or a well. The answer to a stranger is the answer to a wrong number."""

from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404

from labs.qpcr.models import PcrRun, PcrTarget, PcrWell
from labs.specimens.access import visible_specimens
from registry.people.models import User


def visible_runs(user: User) -> QuerySet[PcrRun]:
    """Runs that hold no specimen of a patient whom the user may not see."""
    assigned = PcrWell.objects.filter(run=OuterRef("pk"), specimen__isnull=False)
    hidden = assigned.exclude(specimen__in=visible_specimens(user))
    return PcrRun.objects.valid().filter(~Exists(hidden)).select_related("file", "reference_run__file")


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
