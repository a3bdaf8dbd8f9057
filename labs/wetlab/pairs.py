"""Western blot and qPCR of tumour and adjacent normal tissue as pairs: one query each, through any database alias."""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import product
from statistics import fmean
from typing import Any

from django.db.models import QuerySet

from labs.measured import FactRef
from labs.specimens.models import SpecimenKind
from labs.specimens.pairing import Side, TissuePair, lacking, last_collected
from labs.wetlab.models import BlotRatio, FoldChange
from labs.wetlab.selectors import REFERENCE_GENE
from registry.cohorts.models import Cohort

TISSUES = (SpecimenKind.TUMOUR, SpecimenKind.NORMAL)
RATIO, FOLD = "a ratio", "a fold change"


@dataclass(frozen=True)
class _Band:
    kind: str
    specimen: str
    collected: date | None
    gel: str
    loading_control: str
    ratio: float
    fact: FactRef

    @property
    def lane(self) -> tuple[str, str]:
        return self.gel, self.loading_control


@dataclass(frozen=True)
class _Fold:
    kind: str
    specimen: str
    collected: date | None
    calibrator: str | None
    is_against_normal: bool
    gene: str
    # A common calibrator is common to one run; folds that were entered by hand have none.
    run_id: int | None
    fold: float
    fact: FactRef


def blot_pairs(cohort: Cohort, marker: str, using: str = "default") -> list[TissuePair]:
    """Ratios are compared within a gel and against one loading control; several shared gels give a geometric mean.

    The change is log2 of tumour over normal.
    """
    current = _on_tissue(BlotRatio.objects.using(using).current(), cohort, marker)
    rows = current.order_by("specimen__code", "gel", "pk").values_list(
        *_FIELDS, "gel", "loading_control", "ratio", "pk", "version"
    )
    bands = defaultdict(list)
    for enrolment_id, kind, code, day, gel, control, ratio, pk, version in rows:
        fact = FactRef("blotratio", pk, version, f"{code} {marker}")
        bands[enrolment_id].append(_Band(kind, code, day, gel, control, ratio, fact))
    return [_blot_pair(enrolment_id, found) for enrolment_id, found in sorted(bands.items())]


def fold_pairs(cohort: Cohort, marker: str, using: str = "default") -> list[TissuePair]:
    """A tumour's fold change against its own normal tissue is the pair; the change is its log2.

    Where neither tissue names a calibrator, both folds are against a common one, if they are of one run
    or were both entered by hand, and are compared with each other.
    """
    current = _on_tissue(FoldChange.objects.using(using).current(), cohort, marker)
    calibrator = ("calibrator__code", "calibrator__kind", "calibrator__retired_reason")
    rows = current.order_by("specimen__code", "reference_gene", "pk").values_list(
        *_FIELDS, *calibrator, "reference_gene", "run", "fold", "pk", "version"
    )
    folds = defaultdict(list)
    for enrolment_id, kind, code, day, against, against_kind, retired, gene, run_id, fold, pk, version in rows:
        fact = FactRef("foldchange", pk, version, f"{code} {marker}")
        is_against_normal = against_kind == SpecimenKind.NORMAL and not retired
        folds[enrolment_id].append(_Fold(kind, code, day, against, is_against_normal, gene, run_id, fold, fact))
    return [_fold_pair(enrolment_id, found) for enrolment_id, found in sorted(folds.items())]


_FIELDS = ("specimen__patient__enrolments__pk", "specimen__kind", "specimen__code", "specimen__collected")


def _on_tissue(current: QuerySet[Any], cohort: Cohort, marker: str) -> QuerySet[Any]:
    return current.filter(
        marker__code=marker,
        specimen__kind__in=TISSUES,
        specimen__retired_reason="",
        specimen__patient__enrolments__cohort_id=cohort.pk,
        specimen__patient__enrolments__retired_reason="",
    )


def _blot_pair(enrolment_id: int, bands: list[_Band]) -> TissuePair:
    tumours, normals = ([band for band in bands if band.kind == kind] for kind in TISSUES)
    together = [(a, b) for a, b in product(tumours, normals) if a.lane == b.lane]
    if not together:
        tumour, normal = _last_blotted(tumours), _last_blotted(normals)
        reason = lacking(tumour, normal, RATIO) or "never on one gel with one loading control"
        return TissuePair(enrolment_id, tumour, normal, None, reason)
    left = last_collected((a.specimen, a.collected) for a, _b in together)
    right = last_collected((b.specimen, b.collected) for a, b in together if a.specimen == left)
    used = [(a, b) for a, b in together if (a.specimen, b.specimen) == (left, right)]
    tumour, normal = _blotted([a for a, _b in used]), _blotted([b for _a, b in used])
    source = ", ".join(f"{gel} ({control})" for gel, control in sorted({a.lane for a, _b in used}))
    return TissuePair(enrolment_id, tumour, normal, _log2_ratio(tumour.value, normal.value), "", source)


def _last_blotted(bands: list[_Band]) -> Side | None:
    if not bands:
        return None
    chosen = last_collected((band.specimen, band.collected) for band in bands)
    return _blotted([band for band in bands if band.specimen == chosen])


def _blotted(bands: list[_Band]) -> Side:
    return Side(bands[0].specimen, _geometric_mean(band.ratio for band in bands), tuple(band.fact for band in bands))


def _geometric_mean(ratios: Iterable[float]) -> float:
    found = list(ratios)
    return 2 ** fmean(math.log2(ratio) for ratio in found) if all(found) else 0.0


def _log2_ratio(tumour: float, normal: float) -> float | None:
    """None where a band was not seen at all: 0 has no logarithm."""
    return math.log2(tumour) - math.log2(normal) if tumour > 0 and normal > 0 else None


def _fold_pair(enrolment_id: int, folds: list[_Fold]) -> TissuePair:
    tumours, normals = ([fold for fold in folds if fold.kind == kind] for kind in TISSUES)
    against = [fold for fold in tumours if fold.is_against_normal]
    if against:
        taken = _last_folded(against)
        # Its own calibrator has the fold 1 by definition, and nothing was measured for that.
        normal = Side(str(taken.calibrator), 1.0)
        return TissuePair(enrolment_id, _folded(taken), normal, math.log2(taken.fold), "", taken.gene)
    free = [fold for fold in tumours if fold.calibrator is None]
    common = [
        (a, b) for a, b in product(free, normals) if b.calibrator is None and (a.gene, a.run_id) == (b.gene, b.run_id)
    ]
    if not common:
        return _unmatched_fold(enrolment_id, tumours, normals)
    taken = _last_folded([a for a, _b in common])
    other = _last_folded([b for a, b in common if a is taken])
    change = math.log2(taken.fold) - math.log2(other.fold)
    return TissuePair(enrolment_id, _folded(taken), _folded(other), change, "", f"{taken.gene}, common calibrator")


def _unmatched_fold(enrolment_id: int, tumours: list[_Fold], normals: list[_Fold]) -> TissuePair:
    tumour = _folded(_last_folded(tumours)) if tumours else None
    normal = _folded(_last_folded(normals)) if normals else None
    reason = lacking(tumour, normal, FOLD) or "fold changes against different calibrators or reference genes"
    return TissuePair(enrolment_id, tumour, normal, None, reason)


def _last_folded(folds: list[_Fold]) -> _Fold:
    """Of the specimen collected last the fold change against ACTB, else against the first gene by name."""
    chosen = last_collected((fold.specimen, fold.collected) for fold in folds)
    return min((fold for fold in folds if fold.specimen == chosen), key=lambda f: (f.gene != REFERENCE_GENE, f.gene))


def _folded(fold: _Fold) -> Side:
    return Side(fold.specimen, fold.fold, (fold.fact,))
