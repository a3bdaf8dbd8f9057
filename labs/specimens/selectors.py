from dataclasses import dataclass

from django.db.models import Count, Prefetch, Q, QuerySet

from labs.blood.models import BloodResult
from labs.ihc.models import Read
from labs.markers.models import Stain
from labs.rounds.blinding import blinded_markers, without_blinded
from labs.rounds.models import RoundStatus
from labs.specimens.access import visible_specimens
from labs.specimens.models import Specimen
from labs.wetlab.models import BlotRatio, FoldChange
from registry.people.models import User

_CURRENT = {"successor__isnull": True, "is_retracted": False}
_READ_OF_RECORD = Q(stains__reads__successor__isnull=True, stains__reads__is_retracted=False) & (
    Q(stains__reads__slide__isnull=True) | Q(stains__reads__slide__round__status=RoundStatus.CLOSED)
)


def _open_to(user: User, marker: str) -> Q:
    """Rows of markers that the user does not read blind at the moment."""
    return ~Q(**{f"{marker}__code__in": blinded_markers(user)})


def specimen_list(user: User, chosen: dict[str, str]) -> QuerySet[Specimen]:
    """Specimens with how many current results each kind of measurement has on them."""
    rows = visible_specimens(user).annotate(
        n_stains=Count("stains", filter=Q(stains__retired_reason="") & _open_to(user, "stains__marker"), distinct=True),
        n_reads=Count("stains__reads", filter=_READ_OF_RECORD & _open_to(user, "stains__marker"), distinct=True),
        n_blood=_current_count("blood_results"),
        n_blots=_current_count("blot_ratios", _open_to(user, "blot_ratios__marker")),
        n_folds=_current_count("fold_changes", _open_to(user, "fold_changes__marker")),
    )
    if text := chosen.get("q"):
        rows = rows.filter(Q(code__icontains=text) | Q(patient__study_number__icontains=text))
    if kind := chosen.get("kind"):
        rows = rows.filter(kind=kind)
    if state := chosen.get("state"):
        nothing = Q(n_reads=0, n_blood=0, n_blots=0, n_folds=0)
        rows = rows.filter(nothing if state == "none" else ~nothing)
    return rows.order_by("patient__study_number", "code")


def _current_count(path: str, shown: Q | None = None) -> Count:
    current = Q(**{f"{path}__{name}": value for name, value in _CURRENT.items()})
    return Count(path, filter=current if shown is None else current & shown, distinct=True)


@dataclass(frozen=True)
class Measurements:
    """What was measured on some specimens: newest revisions, retracted ones not."""

    stains: list[Stain]
    blots: list[BlotRatio]
    folds: list[FoldChange]
    blood: list[BloodResult]

    def __bool__(self) -> bool:
        return bool(self.stains or self.blots or self.folds or self.blood)


def measurements(user: User, specimens: QuerySet[Specimen]) -> Measurements:
    """Of the markers that the user does not read blind at the moment."""
    reads = Prefetch("reads", queryset=Read.objects.of_record().current().order_by("reader"), to_attr="current_reads")
    stains = Stain.objects.filter(specimen__in=specimens, retired_reason="").select_related("specimen", "marker")
    blots = BlotRatio.objects.current().filter(specimen__in=specimens).select_related("specimen", "marker")
    folds = FoldChange.objects.current().filter(specimen__in=specimens).select_related("specimen", "marker")
    blood = BloodResult.objects.current().filter(specimen__in=specimens).select_related("specimen", "analyte")
    return Measurements(
        stains=list(without_blinded(stains, user).select_related("antibody__marker").prefetch_related(reads)),
        blots=list(without_blinded(blots, user).order_by("specimen__code", "marker__code", "gel")),
        folds=list(without_blinded(folds, user).order_by("specimen__code", "marker__code")),
        blood=list(blood.order_by("analyte__name", "specimen__collected", "specimen__code")),
    )
