"""Whose tumour a sample is: what brings the layers of a cohort together, expression, mutations and copy number."""

import re
from collections.abc import Iterable

# TCGA-2Y-A9GS-01A-12R-A38B-07: the patient, then the type of the sample (01 to 09 are tumours).
BARCODE = re.compile(r"(?P<patient>TCGA-[A-Z0-9]{2}-[A-Z0-9]{4})(?:-(?P<type>\d{2})|$)")
LAST_TUMOUR = 9


def tumours_by_patient(samples: Iterable[str]) -> dict[str, str]:
    """One sample of each patient, patients in the order of their names.

    A TCGA barcode names its patient in its first 12 characters. Samples that it says are of normal tissue are left out;
    of several tumours of one patient the first by name counts, which is the primary one. Any other name is itself the
    patient.
    """
    found: dict[str, str] = {}
    for sample in sorted(samples):
        barcode = BARCODE.match(sample)
        if barcode is None:
            found[sample] = sample
        elif int(barcode["type"] or 1) <= LAST_TUMOUR:
            found.setdefault(barcode["patient"], sample)
    return dict(sorted(found.items()))


def in_both(one: Iterable[str], other: Iterable[str]) -> dict[str, str]:
    """Samples of one table with those of another: by the same name, or, where no name is in both, by patient."""
    names, others = list(one), list(other)
    known = set(others)
    same = {name: name for name in names if name in known}
    if same:
        return same
    first, second = tumours_by_patient(names), tumours_by_patient(others)
    return {sample: second[patient] for patient, sample in first.items() if patient in second}
