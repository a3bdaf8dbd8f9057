"""The only ways from a request to a gel: not with a lane of a patient out of sight, nor one of a marker read blind."""

from typing import TypeVar

from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404

from labs.bench_files.models import BenchFile, BenchUpload, FileKind
from labs.blots.models import Band, Gel, GelProbe, Lane
from labs.rounds.blinding import blinded_markers, is_blind
from labs.specimens.access import visible_specimens
from registry.cohorts.access import visible_sites
from registry.people.models import User

Row = TypeVar("Row")


def visible_gels(user: User) -> QuerySet[Gel]:
    mine = visible_specimens(user)
    foreign = Lane.objects.filter(gel=OuterRef("pk"), specimen__isnull=False).exclude(specimen__in=mine)
    blind = GelProbe.objects.filter(gel=OuterRef("pk"), marker__code__in=blinded_markers(user))
    return Gel.objects.valid().filter(~Exists(foreign), ~Exists(blind)).select_related("image")


def access_gel(user: User, pk: int) -> Gel:
    return _found(visible_gels(user).filter(pk=pk).first())


def access_probe(user: User, pk: int) -> GelProbe:
    probes = GelProbe.objects.valid().filter(gel__in=visible_gels(user)).select_related("gel", "marker", "file")
    return _found(probes.filter(pk=pk).first())


def access_lane(user: User, pk: int) -> Lane:
    lanes = Lane.objects.valid().filter(gel__in=visible_gels(user)).select_related("gel", "specimen")
    return _found(lanes.filter(pk=pk).first())


def access_band(user: User, pk: int) -> Band:
    bands = Band.objects.valid().filter(lane__gel__in=visible_gels(user))
    return _found(bands.filter(pk=pk).select_related("lane__gel", "lane__specimen", "probe__marker").first())


def access_file(user: User, gel: Gel, pk: int) -> BenchFile:
    """A densitometry file or the picture of a gel; a file that gels out of sight came from too is not handed out."""
    others = Gel.objects.valid().filter(probes__file=pk).exclude(pk__in=visible_gels(user))
    files = BenchFile.objects.filter(pk=pk).exclude(pk__in=BenchFile.objects.filter(probes__gel__in=others))
    mine = files.filter(probes__gel=gel) | files.filter(gels_shown=gel)
    return _found(mine.distinct().first())


def access_upload(user: User, pk: int, kind: FileKind) -> BenchUpload:
    """Of whoever may see all that the uploader may see; from the drop folder, of everybody not blind."""
    row = _found(BenchUpload.objects.filter(pk=pk, kind=kind).select_related("uploaded_by").first())
    if row.uploaded_by is None:
        return _found(None if is_blind(user) else row)
    is_hidden = visible_sites(row.uploaded_by).exclude(pk__in=visible_sites(user)).exists()
    return _found(None if is_hidden else row)


def waiting_uploads(user: User, kind: FileKind) -> QuerySet[BenchUpload]:
    """Files of the drop folder that nobody has stored yet. Whose they are is not known: no blind reader sees them."""
    rows = BenchUpload.objects.none() if is_blind(user) else BenchUpload.objects.filter(uploaded_by__isnull=True)
    return rows.filter(kind=kind).defer("content").order_by("pk")


def _found(row: Row | None) -> Row:
    if row is None:
        raise Http404
    return row
