"""Writes of the PCR bench. A fold change that was accepted is computed anew whenever what it rests on is corrected."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from labs.formats.plate import PlateRun, Well
from labs.formats.recognise import recognise
from labs.qpcr.assigning import AssignRule, matched
from labs.qpcr.models import Exclusion, PcrFile, PcrRun, PcrTarget, PcrWell
from labs.qpcr.recurring import stored_before
from labs.qpcr.results import Result, run_results
from labs.revisions import record, supersede
from labs.specimens.models import Specimen
from labs.wetlab.models import FoldChange
from registry.log.actors import Actor
from registry.log.facts import create, create_many, put, retire, update
from registry.log.recording import recording


@dataclass(frozen=True)
class Imported:
    runs: list[PcrRun]
    is_new: bool
    # Those of `runs` that came with another file: the same wells with the same Ct.
    recurring: tuple[PcrRun, ...] = ()


def run_import(*, name: str, content: bytes, by: Actor, reason: str = "") -> Imported:
    """Stores a file with its runs and wells. The same bytes again, or the same run in another file, change nothing.

    Of a file with several runs those are stored that no other file brought.

    ValidationError with a sentence that names file, row, column and rule when the file holds no Cq.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    known = PcrFile.objects.filter(sha256=sha256).first()
    if known is not None:
        return Imported(list(known.runs.order_by("pk")), is_new=False)
    found = recognise(name, content)
    runs = found.reading.document if found.reading else None
    if not isinstance(runs, tuple) or not all(isinstance(run, PlateRun) for run in runs):
        raise ValidationError({"file": str(found.refusal(_("The file holds no Cq."), "rdml", "cfx_cq_csv"))})
    before = [(plate, stored_before(plate)) for plate in runs]
    recurring = tuple(run for _plate, run in before if run is not None)
    if len(recurring) == len(runs):
        return Imported(list(recurring), is_new=False, recurring=recurring)
    with recording(by, reason):
        file = create(
            PcrFile(
                name=name[-255:],
                sha256=sha256,
                size=len(content),
                kind=found.kind,
                content=content,
                stored_by=by.name,
            ),
            by=by,
        )
        stored = [known or _run_create(file, plate, by) for plate, known in before]
        return Imported(stored, is_new=True, recurring=recurring)


def _run_create(file: PcrFile, plate: PlateRun, by: Actor) -> PcrRun:
    run = create(
        PcrRun(
            file=file,
            name=plate.name[:255] or file.name,
            experiment=plate.experiment[:255],
            instrument=plate.instrument[:300],
            software=plate.software[:300],
            protocol=plate.protocol[:255],
            run_on=plate.run_on,
        ),
        by=by,
    )
    create_many([_well(run, well) for well in plate.wells], by=by)
    return run


def _well(run: PcrRun, well: Well) -> PcrWell:
    return PcrWell(
        run=run,
        row=well.row,
        position=well.position,
        fluor=well.fluor,
        target=well.target,
        content=well.content.value,
        content_as_written=well.content_as_written,
        sample=well.sample,
        biological_set=well.biological_set,
        ct=well.cq,
        ct_mean_in_file=well.cq_mean,
        ct_sd_in_file=well.cq_sd,
        note=well.note,
        exclusion=Exclusion.IN_FILE if well.is_excluded else "",
        exclusion_note=well.note if well.is_excluded else "",
    )


def run_retire(*, run: PcrRun, expected_version: int, by: Actor, reason: str) -> PcrRun:
    """Takes the run out, and the fold changes that rest on it."""
    with recording(by, reason):
        for fold in _folds_of([run]):
            _retract(fold, by, reason)
        return retire(run, expected_version=expected_version, by=by, reason=reason)


def run_settle(*, run: PcrRun, changes: dict[str, Any], expected_version: int, by: Actor, reason: str = "") -> PcrRun:
    """The rules of the run (outliers, SD, controls) and the run of its reference gene; accepted values follow."""
    with recording(by, reason):
        row = update(run, changes, expected_version=expected_version, by=by, reason=reason)
        _recompute([row], by, reason or _("rules of the run changed"))
    return row


def well_exclude(
    *, well: PcrWell, exclusion: str, note: str = "", expected_version: int | None = None, by: Actor
) -> PcrWell:
    if exclusion not in Exclusion.values:
        raise ValidationError({"exclusion": _("Choose why the well is left out.")})
    reason = f"{Exclusion(exclusion).label}: {note}" if note else str(Exclusion(exclusion).label)
    changes = {"exclusion": exclusion, "exclusion_note": note}
    return _well_update(well, changes, expected_version=expected_version, by=by, reason=reason)


def well_include(*, well: PcrWell, expected_version: int | None = None, by: Actor, reason: str) -> PcrWell:
    if not reason.strip():
        raise ValidationError({"reason": _("Say why the well counts again.")})
    changes = {"exclusion": "", "exclusion_note": ""}
    return _well_update(well, changes, expected_version=expected_version, by=by, reason=reason)


def _well_update(
    well: PcrWell, changes: dict[str, Any], *, expected_version: int | None, by: Actor, reason: str
) -> PcrWell:
    with recording(by, reason):
        row = update(well, changes, expected_version=expected_version, by=by, reason=reason)
        _recompute(_runs_with(row.run_id), by, reason)
    return row


def sample_assign(
    *, run: PcrRun, sample: str, specimen: Specimen | None, is_calibrator: bool = False, by: Actor, reason: str = ""
) -> int:
    """Says what a sample of the file is: a specimen, the common calibrator, or (None) nothing of ours. Counts wells."""
    wells = run.wells.filter(retired_reason="", sample=sample).select_related("run__file", "specimen")
    if not wells:
        raise ValidationError({"sample": _("This run has no sample of this name.")})
    changed = 0
    with recording(by, reason):
        for well in wells:
            before = well.version
            changes = {"specimen": specimen, "is_calibrator": is_calibrator}
            changed += update(well, changes, expected_version=None, by=by, reason=reason).version != before
        _recompute(_runs_with(run.pk), by, reason or _("samples assigned"))
    return changed


def samples_assign(
    *, run: PcrRun, choices: dict[str, tuple[Specimen | None, bool]], by: Actor, reason: str = ""
) -> int:
    """Several samples at once, all or none: sample → (specimen, whether it is the common calibrator)."""
    with recording(by, reason):
        return sum(
            sample_assign(run=run, sample=sample, specimen=specimen, is_calibrator=is_calibrator, by=by, reason=reason)
            for sample, (specimen, is_calibrator) in choices.items()
        )


def samples_assign_by_rule(
    *, run: PcrRun, rule: AssignRule, among: Iterable[Specimen], by: Actor
) -> dict[str, Specimen]:
    """Assigns every sample that the rule names a specimen for, among those given; others stay as they are."""
    found = matched(run, rule, among)
    with recording(by, str(rule.label)):
        for sample, specimen in found.items():
            sample_assign(run=run, sample=sample, specimen=specimen, by=by, reason=str(rule.label))
    return found


def target_set(
    *, name: str, expected_version: int | None = None, by: Actor, reason: str = "", **values: Any
) -> PcrTarget:
    """What a target's name in the files means. Accepted values of runs that have it follow.

    `expected_version` is the one that the corrector saw: StaleWrite when it is not the newest any more.
    """
    with recording(by, reason):
        if expected_version is None:
            target = put(PcrTarget, key={"name": name}, values=values, by=by, reason=reason)
        else:
            seen = PcrTarget.objects.get(name=name)
            target = update(seen, values, expected_version=expected_version, by=by, reason=reason)
        runs = PcrRun.objects.valid().filter(is_accepted=True, wells__target=name).distinct()
        users = PcrRun.objects.valid().filter(is_accepted=True, reference_run__wells__target=name).distinct()
        _recompute({run.pk: run for run in (*runs, *users)}.values(), by, reason or _("target changed"))
    return target


@dataclass(frozen=True)
class Accepted:
    stored: list[FoldChange]
    # Results that were not stored, each with its sentence.
    left: list[tuple[Result, str]]


def run_accept(*, run: PcrRun, replace: bool = False, by: Actor, reason: str = "") -> Accepted:
    """Stores the fold changes of a run. Again with the same wells and rules it changes nothing.

    A control that amplified and replicates that differ ask for a reason. A value of a specimen that was entered by hand
    or comes from another run stays, unless `replace` says otherwise.
    """
    found = run_results(run)
    if not any(result.fold for result in found.results):
        sentences = [*found.missing, *(result.problem for result in found.results)]
        raise ValidationError(sentences or [_("There is nothing to accept: assign samples to specimens.")])
    doubts = [control.target for control in found.controls if control.is_failed]
    doubts += [result.specimen.code for result in found.results if result.fold and result.is_spread_out]
    if doubts and not reason.strip():
        sentence = _("Say why this can be accepted: controls amplified or replicates differ (%(what)s).")
        raise ValidationError({"reason": sentence % {"what": ", ".join(dict.fromkeys(doubts))}})
    stored: list[FoldChange] = []
    left: list[tuple[Result, str]] = []
    with recording(by, reason):
        for result in found.results:
            kept = _store(run, result, replace, by, reason)
            if isinstance(kept, FoldChange):
                stored.append(kept)
            else:
                left.append((result, kept))
        update(run, {"is_accepted": True}, expected_version=None, by=by, reason=reason)
    return Accepted(stored, left)


def _store(run: PcrRun, result: Result, replace: bool, by: Actor, reason: str) -> FoldChange | str:
    if result.fold is None:
        return result.problem
    newest = _newest(result)
    if newest is None:
        return record(_fold(run, result), by=by, reason=reason)
    is_other = not newest.is_retracted and newest.run_id != run.pk
    if is_other and not replace:
        return _("%(specimen)s has a value of %(marker)s already: %(value)s.") % {
            "specimen": result.specimen.code,
            "marker": result.marker.code,
            "value": newest.shown,
        }
    return supersede(newest, _fold(run, result), by=by, reason=reason or _("computed from the wells of a run"))


def _newest(result: Result) -> FoldChange | None:
    return FoldChange.objects.filter(
        specimen=result.specimen,
        marker=result.marker,
        reference_gene=result.reference_gene,
        successor__isnull=True,
    ).first()


def _fold(run: PcrRun, result: Result) -> FoldChange:
    if result.fold is None:
        raise ValueError(result.problem)
    return FoldChange(
        specimen=result.specimen,
        marker=result.marker,
        calibrator=result.calibrator,
        reference_gene=result.reference_gene,
        fold=float(f"{result.fold.fold:.12g}"),
        run=run,
        computation=result.computation,
    )


def _runs_with(pk: int) -> list[PcrRun]:
    """The accepted runs whose results rest on the wells of this run."""
    valid = PcrRun.objects.valid().filter(is_accepted=True)
    return list(valid.filter(pk=pk)) + list(valid.filter(reference_run=pk))


def _folds_of(runs: Iterable[PcrRun]) -> list[FoldChange]:
    current = FoldChange.objects.current().filter(run__in=[run.pk for run in runs])
    return list(current.select_related("specimen__patient", "marker", "calibrator", "run__file"))


def _recompute(runs: Iterable[PcrRun], by: Actor, reason: str) -> None:
    """Brings the stored values of accepted runs up to date; one that can no longer be computed is taken back."""
    for run in runs:
        if not run.is_accepted:
            continue
        results = {_key(result): result for result in run_results(run).results}
        for fold in _folds_of([run]):
            result = results.get((fold.specimen_id, fold.marker_id, fold.reference_gene))
            if result is None or result.fold is None:
                _retract(fold, by, result.problem if result else reason)
            else:
                supersede(fold, _fold(run, result), by=by, reason=reason)


def _key(result: Result) -> tuple[int, int, str]:
    return (result.specimen.pk, result.marker.pk, result.reference_gene)


def _retract(fold: FoldChange, by: Actor, reason: str) -> None:
    new = FoldChange(
        specimen=fold.specimen,
        marker=fold.marker,
        calibrator=fold.calibrator,
        reference_gene=fold.reference_gene,
        fold=fold.fold,
        run=fold.run,
        computation=fold.computation,
    )
    supersede(fold, new, by=by, reason=reason, retract=True)
