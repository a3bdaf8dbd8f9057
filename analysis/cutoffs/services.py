from django.core.exceptions import ValidationError
from django.db.models import Max
from django.utils.translation import gettext as _

from analysis.cutoffs.models import Cutoff
from analysis.plans.services import plans_of_other_cutoff_void
from registry.log.actors import Actor
from registry.log.facts import log_fact
from registry.log.models import Action
from registry.log.recording import recording
from registry.models import Cohort


def cutoff_declare(
    *,
    cohort: Cohort,
    variable: str,
    value: float,
    status: str,
    source: str,
    by: Actor,
    method: str = "",
    reason: str = "",
) -> Cutoff:
    """Declares a cutoff; a changed one is a new number beside the old. Nothing happens when it stands already.

    Raises ValidationError where one that was chosen after looking at outcomes would be declared as registered.
    """
    same = Cutoff.objects.filter(cohort=cohort, variable=variable, status=status)
    newest = same.order_by("-number").first()
    if newest and (newest.value, newest.source, newest.method) == (value, source, method):
        return newest
    if status == Cutoff.Status.REGISTERED:
        _refuse_looked_at(cohort, variable, value)
    with recording(by, reason) as log:
        number = (same.aggregate(Max("number"))["number__max"] or 0) + 1
        cutoff = Cutoff(
            cohort=cohort,
            variable=variable,
            value=value,
            status=status,
            method=method,
            source=source,
            number=number,
            declared_by=by.name,
        )
        cutoff.full_clean()
        cutoff.save(force_insert=True)
        log_fact(log, cutoff, Action.CREATE, new=cutoff.values())
        plans_of_other_cutoff_void(cohort=cohort, by=by)
    return cutoff


def _refuse_looked_at(cohort: Cohort, variable: str, value: float) -> None:
    looked_at = Cutoff.objects.filter(
        cohort=cohort, variable=variable, value=value, status=Cutoff.Status.EXPLORATORY
    ).first()
    if looked_at is not None:
        sentence = _(
            "This cutoff is on record as exploratory version %(number)s: it was chosen after looking at outcomes, and "
            "cannot be registered in this cohort."
        )
        raise ValidationError({"status": sentence % {"number": looked_at.number}})
