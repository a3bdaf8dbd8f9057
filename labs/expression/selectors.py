"""The expression of one gene in a cohort, through any database alias."""

import numpy as np

from labs.expression.models import ExpressionGene, ExpressionSample, ExpressionSet
from labs.expression.services import current_set
from labs.measured import FactRef, Measured
from registry.cohorts.models import Cohort


def gene_values(cohort: Cohort, gene: str, using: str = "default") -> tuple[ExpressionSet | None, list[Measured]]:
    """The set that counts, and the values; none where the set has no such gene."""
    stored = current_set(cohort, using)
    row = stored and ExpressionGene.objects.using(using).filter(set=stored, gene=gene).first()
    if not stored or not row:
        return stored, []
    values = np.frombuffer(bytes(row.values), dtype="<f8")
    facts = (FactRef("expressionset", stored.pk, stored.version, stored.log_code()),)
    columns = ExpressionSample.objects.using(using).filter(set=stored).values_list("enrolment_id", "place", "name")
    return stored, [
        Measured(enrolment, float(values[place]), "", facts, specimen=name) for enrolment, place, name in columns
    ]
