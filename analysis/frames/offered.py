"""The variables of which a cohort has values: what a form offers for an analysis, a sub-cohort or an export."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet

from analysis.frames.columns import load_column
from analysis.frames.variables import INDEX_PARTS, Variable, parse
from labs.blood.models import BloodResult
from labs.ihc.models import Read
from labs.wetlab.models import BlotRatio, FoldChange
from registry.clinical.models import Baseline, ExtraVariable
from registry.cohorts.models import Cohort

_MOST_LEVELS = 12


@dataclass(frozen=True)
class Offered:
    name: str
    label: str
    unit: str
    # numbers are markers, everything else are groups
    is_number: bool
    # the values that occur, in order, where they are few
    levels: tuple[str, ...]
    known: int


def offered(cohort: Cohort, *, but: frozenset[str] = frozenset(), using: str = "default") -> list[Offered]:
    """`but`: markers that must not be shown to whoever asks."""
    names = [name for name in _names(cohort) if _marker(parse(name)) not in but]
    found = [_described(cohort, parse(name), using) for name in names]
    return [item for item in found if item.known]


def _marker(variable: Variable) -> str:
    return variable.code if variable.specimen else ""


def _names(cohort: Cohort) -> Iterator[str]:
    sources: list[tuple[str, QuerySet[Any], str]] = [
        ("ihc", Read.objects.current(), "stain__"),
        ("blot", BlotRatio.objects.current(), ""),
        ("qpcr", FoldChange.objects.current(), ""),
    ]
    for source, rows, way in sources:
        mine = rows.filter(**{f"{way}specimen__patient__enrolments__cohort_id": cohort.pk}).order_by()
        pairs = mine.values_list(f"{way}marker__code", f"{way}specimen__kind").distinct()
        yield from (f"{source}:{marker}@{kind}" for marker, kind in sorted(pairs))
    drawn = BloodResult.objects.current().filter(specimen__patient__enrolments__cohort_id=cohort.pk).order_by()
    analytes = sorted(drawn.values_list("analyte__code", flat=True).distinct())
    yield from (f"blood:{code}" for code in analytes)
    yield from (f"index:{index}" for index, parts in INDEX_PARTS.items() if set(parts) <= set(analytes))
    yield from ("baseline:sex", *(f"baseline:{name}" for name in _columns(Baseline)))
    extras = ExtraVariable.objects.filter(cohort=cohort, retired_reason="").order_by("code")
    yield from (f"extra:{code}" for code in extras.values_list("code", flat=True))


def _columns(model: type[Model]) -> list[str]:
    fields = model._meta.concrete_fields
    return [field.name for field in fields if field.editable and not field.primary_key and not field.is_relation]


def _described(cohort: Cohort, variable: Variable, using: str) -> Offered:
    column = load_column(cohort, variable, using)
    values = [cell.value for cell in column.cells if cell.value is not None]
    is_number = bool(values) and all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
    levels = sorted(set(values), key=lambda value: value if is_number else str(value))
    return Offered(
        name=variable.name,
        label=column.description["label"],
        unit=column.description["unit"],
        is_number=is_number,
        levels=tuple(_written(level) for level in levels) if len(levels) <= _MOST_LEVELS else (),
        known=len(values),
    )


def _written(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
