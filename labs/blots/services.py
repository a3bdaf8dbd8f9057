"""Writes of the blot bench. A ratio that was accepted is computed anew whenever what it rests on is corrected."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from labs.bench_files.models import BenchFile, FileKind
from labs.bench_files.services import file_keep, sha256_of
from labs.blots.models import BackgroundMethod, Band, Gel, GelProbe, Lane, LaneExclusion, ratios_of
from labs.blots.pictures import picture_type
from labs.blots.reading import GelReading, gels_in
from labs.blots.results import Result, gel_results
from labs.revisions import record, supersede
from labs.specimens.models import Specimen, SpecimenKind
from labs.wetlab.models import BlotRatio
from registry.log.actors import Actor
from registry.log.facts import create, create_many, retire, update
from registry.log.recording import recording


@dataclass(frozen=True)
class Imported:
    gels: list[Gel]
    is_new: bool


def gel_import(*, name: str, content: bytes, code: str, by: Actor, reason: str = "", **values: Any) -> Imported:
    """Stores a densitometry file with its lanes and bands; a gel of this code gets the file's probes in addition.

    The same bytes again, whatever their name, change nothing. ValidationError with a sentence that names file, row,
    column and rule when the file holds no band.
    """
    known = BenchFile.objects.filter(sha256=sha256_of(content)).first()
    if known is not None and known.probes.exists():
        return Imported(list(Gel.objects.filter(probes__file=known).distinct().order_by("pk")), is_new=False)
    readings = gels_in(name, content)
    with recording(by, reason):
        file = file_keep(name=name, kind=FileKind.DENSITOMETRY, content=content, by=by)
        gels = [_gel_store(file, reading, _code(code, reading, readings), values, by) for reading in readings]
    return Imported(gels, is_new=True)


def _code(code: str, reading: GelReading, readings: list[GelReading]) -> str:
    return code.strip() if len(readings) == 1 else f"{code.strip()}-{reading.blot_code}"


def _gel_store(file: BenchFile, reading: GelReading, code: str, values: dict[str, Any], by: Actor) -> Gel:
    gel = Gel.objects.valid().filter(code=code).first()
    if gel is None:
        gel = create(Gel(code=code, **({"background": reading.background} | values)), by=by)
    lanes = {lane.name: lane for lane in gel.lanes.filter(retired_reason="")}
    number = max((lane.number for lane in lanes.values()), default=0)
    for found in reading.lanes:
        if found.name not in lanes:
            number += 1
            lane = Lane(gel=gel, number=number, name=found.name, sample=found.sample)
            lanes[found.name] = create(lane, by=by)
    probes = {name: create(GelProbe(gel=gel, file=file, name=name), by=by) for name in reading.probes}
    bands = [
        Band(
            lane=lanes[band.lane],
            probe=probes[band.probe],
            row=band.row,
            number=band.number,
            volume=band.volume,
            adjusted=band.adjusted,
            background=band.background,
            area=band.area,
            greatest=band.greatest,
            is_saturated=band.is_saturated,
        )
        for band in reading.bands
    ]
    create_many(bands, by=by)
    return gel


def gel_settle(*, gel: Gel, changes: dict[str, Any], expected_version: int, by: Actor, reason: str = "") -> Gel:
    """Day, gel, membrane and the rules (background, saturation); accepted ratios follow."""
    if changes.get("background", gel.background) not in BackgroundMethod.values:
        raise ValidationError({"background": _("Choose how the background is taken off.")})
    with recording(by, reason):
        row = update(gel, changes, expected_version=expected_version, by=by, reason=reason)
        _recompute(row.pk, by, reason or _("rules of the gel changed"))
    return row


def gel_image_set(*, gel: Gel, name: str, content: bytes, expected_version: int | None = None, by: Actor) -> Gel:
    """Keeps the picture of the blot with its hash. Another picture later is another file; this one stays."""
    media_type = picture_type(name, content)
    with recording(by):
        file = file_keep(name=name, kind=FileKind.BLOT_IMAGE, content=content, media_type=media_type, by=by)
        return update(gel, {"image": file}, expected_version=expected_version, by=by)


def gel_retire(*, gel: Gel, expected_version: int, by: Actor, reason: str) -> Gel:
    """Takes the gel out, and the ratios that rest on it."""
    with recording(by, reason):
        for row in ratios_of(gel.pk):
            _retract(row, by, reason)
        return retire(gel, expected_version=expected_version, by=by, reason=reason)


def probe_set(
    *, probe: GelProbe, changes: dict[str, Any], expected_version: int | None = None, by: Actor, reason: str = ""
) -> GelProbe:
    """What the bands of a probe show, with its antibodies; accepted ratios follow."""
    with recording(by, reason):
        row = update(probe, changes, expected_version=expected_version, by=by, reason=reason)
        _recompute(row.gel_id, by, reason or _("probe changed"))
    return row


def lane_assign(
    *,
    lane: Lane,
    specimen: Specimen | None,
    content: str = Lane.Content.SAMPLE,
    expected_version: int | None = None,
    by: Actor,
    reason: str = "",
) -> Lane:
    changes = {"specimen": specimen, "content": content}
    return _lane_update(lane, changes, expected_version, by, reason or _("lanes assigned"))


def lanes_assign_by_code(*, gel: Gel, among: Iterable[Specimen], by: Actor) -> dict[int, Specimen]:
    """Assigns each lane whose sample in the file is the code of one of these specimens; other lanes stay."""
    codes = {specimen.code.casefold(): specimen for specimen in among if specimen.kind != SpecimenKind.BLOOD}
    found: dict[int, Specimen] = {}
    with recording(by):
        for lane in gel.lanes.filter(retired_reason="", specimen=None, content=Lane.Content.SAMPLE):
            specimen = codes.get(lane.sample.strip().casefold()) or codes.get(lane.name.strip().casefold())
            if specimen is not None:
                found[lane.number] = specimen
                lane_assign(lane=lane, specimen=specimen, by=by, reason=_("the sample's name is the specimen code"))
    return found


def gel_exclude_lane(
    *, lane: Lane, exclusion: str, note: str = "", expected_version: int | None = None, by: Actor
) -> Lane:
    if exclusion not in LaneExclusion.values:
        raise ValidationError({"exclusion": _("Choose why the lane is left out.")})
    changes = {"exclusion": exclusion, "exclusion_note": note}
    # The note may say more than the log should: it stays with the lane.
    return _lane_update(lane, changes, expected_version, by, str(LaneExclusion(exclusion).label))


def gel_include_lane(*, lane: Lane, expected_version: int | None = None, by: Actor, reason: str) -> Lane:
    if not reason.strip():
        raise ValidationError({"reason": _("Say why the lane counts again.")})
    return _lane_update(lane, {"exclusion": "", "exclusion_note": ""}, expected_version, by, reason)


def _lane_update(lane: Lane, changes: dict[str, Any], expected_version: int | None, by: Actor, reason: str) -> Lane:
    with recording(by, reason):
        row = update(lane, changes, expected_version=expected_version, by=by, reason=reason)
        _recompute(row.gel_id, by, reason)
    return row


def band_correct(
    *, band: Band, changes: dict[str, Any], expected_version: int | None = None, by: Actor, reason: str
) -> Band:
    """Another intensity, or the saturation flag; the ratios that rest on the band follow as revisions."""
    if not reason.strip():
        raise ValidationError({"reason": _("Say why the band is corrected.")})
    with recording(by, reason):
        row = update(band, changes, expected_version=expected_version, by=by, reason=reason)
        _recompute(row.lane.gel_id, by, reason)
    return row


@dataclass(frozen=True)
class Accepted:
    stored: list[BlotRatio]
    # Results that were not stored, each with its sentence.
    left: list[tuple[Result, str]]


def gel_accept(*, gel: Gel, replace: bool = False, by: Actor, reason: str = "") -> Accepted:
    """Stores the ratios of a gel. Again with the same bands and rules it changes nothing.

    A ratio of the same specimen, marker and gel that was entered by hand stays, unless `replace` says otherwise.
    """
    found = gel_results(gel)
    if not any(result.value is not None for result in found.results):
        sentences = [*found.missing, *(f"{result.specimen.code}: {result.problem}" for result in found.results)]
        raise ValidationError(sentences or [_("There is nothing to accept: assign lanes to specimens.")])
    stored: list[BlotRatio] = []
    left: list[tuple[Result, str]] = []
    with recording(by, reason):
        for result in found.results:
            kept = _store(gel, result, replace, by, reason)
            if isinstance(kept, BlotRatio):
                stored.append(kept)
            else:
                left.append((result, kept))
        update(gel, {"is_accepted": True}, expected_version=None, by=by, reason=reason)
    return Accepted(stored, left)


def _store(gel: Gel, result: Result, replace: bool, by: Actor, reason: str) -> BlotRatio | str:
    if result.value is None:
        return result.problem
    newest = BlotRatio.objects.filter(
        specimen=result.specimen, marker=result.target.marker, gel=gel.code, successor__isnull=True
    ).first()
    if newest is None:
        return record(_ratio(gel, result), by=by, reason=reason)
    if not newest.is_retracted and newest.from_gel_id is None and not replace:
        return _("%(specimen)s has a value that was entered by hand: %(value)s.") % {
            "specimen": result.specimen.code,
            "value": newest.shown,
        }
    return supersede(newest, _ratio(gel, result), by=by, reason=reason or _("computed from the bands of a gel"))


def _ratio(gel: Gel, result: Result) -> BlotRatio:
    if result.value is None or result.target.marker is None:
        raise ValueError(result.problem)
    return BlotRatio(
        specimen=result.specimen,
        marker=result.target.marker,
        antibody=result.target.antibody,
        gel=gel.code,
        loading_control=result.control.protein,
        ratio=result.value,
        from_gel=gel,
        computation=result.computation,
    )


def _recompute(gel_id: int, by: Actor, reason: str) -> None:
    """Brings the stored ratios of an accepted gel up to date; one that can no longer be computed is taken back."""
    # What the caller holds may be older than the acceptance, or than the rule that was just changed.
    gel = Gel.objects.get(pk=gel_id)
    if not gel.is_accepted:
        return
    results = {(result.specimen.pk, result.target.marker_id): result for result in gel_results(gel).results}
    for row in ratios_of(gel.pk):
        result = results.get((row.specimen_id, row.marker_id))
        if result is None or result.value is None:
            _retract(row, by, result.problem if result else reason)
        else:
            supersede(row, _ratio(gel, result), by=by, reason=reason)


def _retract(row: BlotRatio, by: Actor, reason: str) -> None:
    new = BlotRatio(
        specimen=row.specimen,
        marker=row.marker,
        antibody=row.antibody,
        gel=row.gel,
        loading_control=row.loading_control,
        ratio=row.ratio,
        from_gel=row.from_gel,
        computation=row.computation,
    )
    supersede(row, new, by=by, reason=reason, retract=True)
