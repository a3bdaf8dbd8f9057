"""Western-blot ratios and qPCR fold changes as values that somebody measured elsewhere and enters here."""

import math

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from labs.markers.models import Antibody, Marker
from labs.revisions import record, supersede
from labs.specimens.models import Specimen
from labs.wetlab.models import BlotRatio, FoldChange
from registry.log.actors import Actor


def blot_record(
    *,
    specimen: Specimen,
    marker: Marker,
    gel: str,
    loading_control: str,
    ratio: float,
    antibody: Antibody | None = None,
    by: Actor,
    reason: str = "",
) -> BlotRatio:
    _refuse_no_number("ratio", ratio)
    blot = BlotRatio(
        specimen=specimen,
        marker=marker,
        gel=gel,
        loading_control=loading_control,
        ratio=ratio,
        antibody=antibody,
    )
    return record(blot, by=by, reason=reason)


def blot_correct(*, blot: BlotRatio, ratio: float, loading_control: str = "", by: Actor, reason: str) -> BlotRatio:
    """`blot` is the revision that the corrector saw: StaleWrite when it is not the newest any more."""
    _refuse_no_number("ratio", ratio)
    return _replace_blot(blot, ratio, loading_control or blot.loading_control, by, reason)


def blot_retract(*, blot: BlotRatio, by: Actor, reason: str) -> BlotRatio:
    return _replace_blot(blot, blot.ratio, blot.loading_control, by, reason, retract=True)


def _replace_blot(
    blot: BlotRatio, ratio: float, loading_control: str, by: Actor, reason: str, *, retract: bool = False
) -> BlotRatio:
    _require(reason)
    new = BlotRatio(
        specimen=blot.specimen,
        marker=blot.marker,
        antibody=blot.antibody,
        gel=blot.gel,
        loading_control=loading_control,
        ratio=ratio,
        # What somebody types instead of a computed value was not computed; what is taken back was.
        from_gel=blot.from_gel if retract else None,
        computation=blot.computation if retract else None,
    )
    return supersede(blot, new, by=by, reason=reason.strip(), retract=retract)


def fold_change_record(
    *,
    specimen: Specimen,
    marker: Marker,
    fold: float,
    calibrator: Specimen | None = None,
    reference_gene: str = "ACTB",
    by: Actor,
    reason: str = "",
) -> FoldChange:
    _refuse_no_number("fold", fold)
    change = FoldChange(
        specimen=specimen, marker=marker, fold=fold, calibrator=calibrator, reference_gene=reference_gene
    )
    return record(change, by=by, reason=reason)


def fold_change_correct(*, fold_change: FoldChange, fold: float, by: Actor, reason: str) -> FoldChange:
    """`fold_change` is the revision that the corrector saw: StaleWrite when it is not the newest any more."""
    _refuse_no_number("fold", fold)
    return _replace_fold(fold_change, fold, by, reason)


def fold_change_retract(*, fold_change: FoldChange, by: Actor, reason: str) -> FoldChange:
    return _replace_fold(fold_change, fold_change.fold, by, reason, retract=True)


def _replace_fold(old: FoldChange, fold: float, by: Actor, reason: str, *, retract: bool = False) -> FoldChange:
    _require(reason)
    new = FoldChange(
        specimen=old.specimen,
        marker=old.marker,
        calibrator=old.calibrator,
        reference_gene=old.reference_gene,
        fold=fold,
        # What somebody types instead of a computed value was not computed; what is taken back was.
        run=old.run if retract else None,
        computation=old.computation if retract else None,
    )
    return supersede(old, new, by=by, reason=reason.strip(), retract=retract)


def _refuse_no_number(name: str, value: float) -> None:
    if isinstance(value, bool) or not math.isfinite(value):
        raise ValidationError({name: _("Give a number.")})


def _require(reason: str) -> None:
    if not reason.strip():
        raise ValidationError({"reason": _("Say why the value is corrected.")})
