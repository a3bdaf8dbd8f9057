"""Which data sets count: those of the cohort, and the references of the installation where it has none of that name."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q

from analysis.datasets.models import Dataset
from registry.cohorts.models import Cohort


def current_datasets(cohort: Cohort, using: str = "default") -> dict[str, Dataset]:
    """By name."""
    rows = Dataset.objects.using(using).filter(Q(cohort_id=cohort.pk) | Q(cohort__isnull=True), retired_reason="")
    found: dict[str, Dataset] = {}
    for row in rows.order_by("name", "number"):
        known = found.get(row.name)
        if known is None or known.cohort_id is None or row.cohort_id is not None:
            found[row.name] = row
    return found


def newest(cohort: Cohort | None, name: str) -> Dataset | None:
    """The version that counts of exactly this owner."""
    return Dataset.objects.filter(cohort=cohort, name=name, retired_reason="").order_by("-number").first()


def as_constants(cohort: Cohort, names: Iterable[str], using: str) -> dict[str, Any]:
    """For a frame: what identifies each data set, None for one that is not there."""
    found = current_datasets(cohort, using)
    return {name: _constant(found[name]) if name in found else None for name in sorted(set(names))}


def _constant(dataset: Dataset) -> dict[str, Any]:
    return {
        "number": dataset.number,
        "kind": dataset.kind,
        "settings": dataset.settings,
        "fingerprint": dataset.fingerprint,
        "files": {key: [[one["name"], one["sha256"]] for one in many] for key, many in dataset.files.items()},
    }
