from django.db.models import Max

from analysis.cutoffs.models import Cutoff
from analysis.plans.services import plans_of_other_cutoff_void
from registry.log.actors import Actor
from registry.log.facts import log_fact
from registry.log.models import Action
from registry.log.recording import recording
from registry.models import Cohort


def cutoff_declare(
    *, cohort: Cohort, variable: str, value: float, status: str, source: str, by: Actor, reason: str = ""
) -> Cutoff:
    """Declares a cutoff; a changed one is a new number beside the old. Nothing happens when it stands already."""
    newest = Cutoff.objects.filter(cohort=cohort, variable=variable, status=status).order_by("-number").first()
    if newest and (newest.value, newest.source) == (value, source):
        return newest
    with recording(by, reason) as log:
        same = Cutoff.objects.filter(cohort=cohort, variable=variable, status=status)
        number = (same.aggregate(Max("number"))["number__max"] or 0) + 1
        cutoff = Cutoff(
            cohort=cohort,
            variable=variable,
            value=value,
            status=status,
            source=source,
            number=number,
            declared_by=by.name,
        )
        cutoff.full_clean()
        cutoff.save(force_insert=True)
        log_fact(log, cutoff, Action.CREATE, new=cutoff.values())
        plans_of_other_cutoff_void(cohort=cohort, by=by)
    return cutoff
