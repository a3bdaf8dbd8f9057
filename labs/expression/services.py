from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from labs.expression.models import ExpressionGene, ExpressionSample, ExpressionSet, ExpressionUnit
from labs.formats.expression import ExpressionTable
from registry.cohorts.models import Cohort
from registry.log.actors import Actor
from registry.log.facts import log_fact, retire
from registry.log.models import Action
from registry.log.recording import recording
from registry.patients.models import Enrolment

_SIGNED = (ExpressionUnit.LOG2, ExpressionUnit.LOG2_FPKM, ExpressionUnit.LOG2_TPM)
_BATCH = 500
_LONGEST_GENE = 40


@dataclass(frozen=True)
class Imported:
    """`stored` is the set; `others` are columns that are of no patient here."""

    stored: ExpressionSet
    is_new: bool
    others: list[str]


def expression_import(
    *,
    cohort: Cohort,
    table: ExpressionTable,
    # sample → study number
    patients: Mapping[str, str],
    unit: str,
    identifiers: str,
    source: str,
    by: Actor,
    reason: str = "",
) -> Imported:
    """Stores the columns that are of patients of the cohort as its next set. The same file again changes nothing."""
    members = _members(cohort)
    columns = [(place, name) for place, name in enumerate(table.samples) if patients.get(name) in members]
    others = [name for name in table.samples if patients.get(name) not in members]
    _check(table, columns, patients, unit)
    with transaction.atomic():
        # Two imports at once must not take the same version.
        Cohort.objects.select_for_update(no_key=True).get(pk=cohort.pk)
        known = current_set(cohort)
        wanted = [(name, members[patients[name]]) for _place, name in columns]
        if known and _is_same(known, table, wanted, unit, identifiers):
            return Imported(known, False, others)
        stored = _store(cohort, table, columns, wanted, unit, identifiers, source, by, reason)
    return Imported(stored, True, others)


def current_set(cohort: Cohort, using: str = "default") -> ExpressionSet | None:
    sets = ExpressionSet.objects.using(using).filter(cohort_id=cohort.pk, retired_reason="")
    return sets.order_by("-number").first()


def expression_retire(*, stored: ExpressionSet, expected_version: int, by: Actor, reason: str) -> ExpressionSet:
    """The one before counts again, where there is one."""
    return retire(stored, expected_version=expected_version, by=by, reason=reason)


def _members(cohort: Cohort) -> dict[str, int]:
    rows = Enrolment.objects.filter(cohort=cohort, retired_reason="")
    return dict(rows.values_list("patient__study_number", "pk"))


def _check(table: ExpressionTable, columns: list[tuple[int, str]], patients: Mapping[str, str], unit: str) -> None:
    if not columns:
        raise ValidationError(_("No sample of the file is of a patient of the cohort."))
    seen: dict[str, str] = {}
    for _place, name in columns:
        patient = patients[name]
        if patient in seen:
            words = {"one": seen[patient], "two": name}
            raise ValidationError(_("The samples %(one)s and %(two)s are of one patient: choose one.") % words)
        seen[patient] = name
    if long := next((gene for gene in table.genes if len(gene) > _LONGEST_GENE), None):
        raise ValidationError(_("The gene “%(gene)s…” has too long a name.") % {"gene": long[:_LONGEST_GENE]})
    if unit not in ExpressionUnit.values:
        raise ValidationError(
            {"unit": _("The unit is one of %(units)s.") % {"units": ", ".join(ExpressionUnit.values)}}
        )
    values = table.values[:, [place for place, _name in columns]]
    bad = (values < 0) if unit not in _SIGNED else np.zeros(values.shape, bool)
    if unit == ExpressionUnit.COUNTS:
        bad |= values != np.round(values)
    if bad.any():
        row, column = (int(at) for at in np.argwhere(bad)[0])
        words = {
            "gene": table.genes[row],
            "sample": columns[column][1],
            "value": f"{values[row, column]:g}",
            "unit": unit,
        }
        raise ValidationError(_("%(gene)s in %(sample)s is %(value)s, which %(unit)s cannot be.") % words)


def _is_same(
    known: ExpressionSet, table: ExpressionTable, wanted: list[tuple[str, int]], unit: str, identifiers: str
) -> bool:
    asked = (table.sha256, unit, identifiers, len(table.genes))
    return (known.sha256, known.unit, known.identifiers, known.genes) == asked and wanted == list(
        known.columns.values_list("name", "enrolment_id")
    )


def _store(
    cohort: Cohort,
    table: ExpressionTable,
    columns: list[tuple[int, str]],
    wanted: list[tuple[str, int]],
    unit: str,
    identifiers: str,
    source: str,
    by: Actor,
    reason: str,
) -> ExpressionSet:
    latest = ExpressionSet.objects.filter(cohort=cohort).aggregate(Max("number"))["number__max"] or 0
    with recording(by, reason) as log:
        stored = ExpressionSet(
            cohort=cohort,
            number=latest + 1,
            unit=unit,
            identifiers=identifiers,
            source=source,
            sha256=table.sha256,
            genes=len(table.genes),
            samples=len(columns),
        )
        stored.full_clean()
        stored.save(force_insert=True)
        ExpressionSample.objects.bulk_create(
            ExpressionSample(set=stored, place=place, enrolment_id=enrolment, name=name)
            for place, (name, enrolment) in enumerate(wanted)
        )
        values = np.ascontiguousarray(table.values[:, [place for place, _name in columns]], dtype="<f8")
        ExpressionGene.objects.bulk_create(
            (
                ExpressionGene(set=stored, gene=gene, values=row.tobytes())
                for gene, row in zip(table.genes, values, strict=True)
            ),
            batch_size=_BATCH,
        )
        log_fact(log, stored, Action.CREATE, new=stored.values() | {"version": stored.version})
    return stored
