"""The records whose changes lie behind a movement, grouped for a sentence. Codes of the study only."""

from django.apps import apps
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from analysis.alerts.wording import Records, because_text
from analysis.engine.between import changes_between
from analysis.engine.models import Movement, Result
from registry.log.models import Action, Change


def because_of(movement: Movement) -> str:
    return because_text(records_of(movement), *of_the_question(movement.before, movement.after))


def records_of(movement: Movement) -> list[Records]:
    seen = Change.objects.exclude(action=Action.READ)
    return records_in(changes_between(movement.causes, movement.analysis.cohort_id, seen))


def records_in(changes: QuerySet[Change]) -> list[Records]:
    """Corrections first, additions last; a record that changed several times, or in several streams, once."""
    groups: dict[tuple[str, str], dict[str, None]] = {}
    for kind, action, code in changes.values_list("subject_type", "action", "subject_code").order_by("pk"):
        groups.setdefault((kind, action), {})[code] = None
    order = [Action.CORRECT, Action.UPDATE, Action.RETIRE, Action.CREATE]
    return [
        Records(_nouns(kind), _done(kind, action), tuple(codes))
        for (kind, action), codes in sorted(groups.items(), key=lambda group: order.index(Action(group[0][1])))
    ]


def _nouns(kind: str) -> tuple[str, str]:
    if kind in ("read", "consensus"):
        return _("slide"), _("slides")
    model = next((model for model in apps.get_models() if model._meta.model_name == kind), None)
    if model is None:
        return kind, kind
    return str(model._meta.verbose_name), str(model._meta.verbose_name_plural)


def _done(kind: str, action: str) -> str:
    if kind == "read" and action == Action.CREATE:
        return _("read")
    done = {
        Action.CREATE: _("added"),
        Action.UPDATE: _("changed"),
        Action.CORRECT: _("corrected"),
        Action.RETIRE: _("marked as entered in error"),
    }
    return done[Action(action)]


def of_the_question(before: Result | None, after: Result) -> list[str]:
    """What no record tells: another question, or another method."""
    found = []
    if before and before.parameters != after.parameters:
        found.append(_("the analysis was defined anew"))
    if before and before.kind_version != after.kind_version:
        versions = {"before": before.kind_version, "after": after.kind_version}
        found.append(_("the method has a new version (%(before)s → %(after)s)") % versions)
    return found
