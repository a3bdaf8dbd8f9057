"""The expression of a cohort's tumours as data of discovery: samples are patients, by their study number."""

from collections.abc import Collection
from typing import Any

import numpy as np

from analysis.discovery.errors import DiscoveryError
from analysis.discovery.loading import Expression
from analysis.omics.expression import LOG2, ExpressionMatrix
from labs.expression.models import ExpressionGene, ExpressionSample, ExpressionSet, ExpressionUnit
from labs.expression.services import current_set
from registry.cohorts.models import Cohort

_UNITS = {ExpressionUnit.LOG2_TPM: LOG2, ExpressionUnit.LOG2_FPKM: LOG2}


def expression_constant(cohort: Cohort, using: str) -> dict[str, Any] | None:
    """For a frame: which set counts, None without one."""
    stored = current_set(cohort, using)
    if stored is None:
        return None
    unit = _UNITS.get(ExpressionUnit(stored.unit), stored.unit)
    return {
        "set": stored.pk,
        "number": stored.number,
        "sha256": stored.sha256,
        "unit": str(unit),
        "identifiers": stored.identifiers,
        "source": stored.source,
    }


def expression_of(told: dict[str, Any], name: str, patients: Collection[str]) -> Expression:
    """The set of a frame, of its patients only. DiscoveryError where none of them has a tumour in it."""
    stored = ExpressionSet.objects.get(pk=told["set"])
    columns = ExpressionSample.objects.filter(set=stored).order_by("place")
    whose = list(columns.values_list("enrolment__patient__study_number", "place"))
    wanted = sorted((patient, place) for patient, place in whose if patient in patients)
    if not wanted:
        raise DiscoveryError(f"data.{name}: no patient of this analysis has a tumour in the expression set.")
    places = [place for _patient, place in wanted]
    rows = ExpressionGene.objects.filter(set=stored).order_by("gene").values_list("gene", "values")
    genes, values = [], np.empty((stored.genes, len(wanted)))
    for number, (gene, raw) in enumerate(rows.iterator(chunk_size=500)):
        genes.append(gene)
        values[number] = np.frombuffer(bytes(raw), dtype="<f8")[places]
    matrix = ExpressionMatrix(genes, [patient for patient, _place in wanted], values[: len(genes)], told["unit"])
    return Expression(name, matrix, {}, told["identifiers"])
