from typing import Any

from labs.expression.models import ExpressionSet
from labs.expression.services import current_set
from registry.cohorts.models import Cohort
from registry.people.models import User
from registry.people.roles import RECORDING


def expression_of(user: User, cohort: Cohort) -> dict[str, Any] | None:
    """The set that counts; nothing where there never was one."""
    if not ExpressionSet.objects.filter(cohort=cohort).exists():
        return None
    return {"set": current_set(cohort), "cohort": cohort, "may_retire": user.has_role(*RECORDING)}
