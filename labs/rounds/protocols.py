"""Reading protocols: every change is a new version, so that a round keeps the rules it was read by."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Count, Max, Q, QuerySet
from django.utils.translation import gettext as _

from labs.ihc.scoring import ATTAINABLE
from labs.markers.models import Marker, Scale
from labs.rounds.models import ProtocolMarker, ReadingProtocol
from registry.log.actors import Actor
from registry.log.facts import create
from registry.log.recording import recording

# What a version fixes, besides its code, title and markers.
RULES = (
    "readers",
    "order",
    "repeat_percent",
    "washout_days",
    "extent_1_upper",
    "extent_2_upper",
    "extent_3_upper",
    "intensity_gap",
    "score_gap",
    "count_gap_percent",
    "consensus_rule",
    "mean_rounding",
    "decoy_percent",
)


def protocol_set(
    *, code: str, title: str, markers: Mapping[Marker, float | None], by: Actor, reason: str = "", **rules: Any
) -> ReadingProtocol:
    """Stores the next version of the protocol; `markers` says of each its registered cutoff, or None."""
    if not markers:
        raise ValidationError({"markers": _("A protocol reads at least one marker.")})
    with recording(by, reason):
        latest = ReadingProtocol.objects.filter(code=code).aggregate(found=Max("number"))["found"] or 0
        protocol = create(ReadingProtocol(code=code, title=title, number=latest + 1, **rules), by=by)
        for marker, cutoff in markers.items():
            _refuse_unattainable(marker, cutoff)
            create(ProtocolMarker(protocol=protocol, marker=marker, cutoff=cutoff), by=by)
    return protocol


def _refuse_unattainable(marker: Marker, cutoff: float | None) -> None:
    if cutoff is None:
        return
    if marker.scale == Scale.SCORE and cutoff not in ATTAINABLE:
        raise ValidationError(
            {
                "markers": _("%(marker)s: the cutoff %(cutoff)g is no attainable score; choose one of %(scores)s.")
                % {"marker": marker.code, "cutoff": cutoff, "scores": ", ".join(str(score) for score in ATTAINABLE)}
            }
        )
    if cutoff < 0:
        raise ValidationError({"markers": _("%(marker)s: a cutoff is 0 or more.") % {"marker": marker.code}})


def protocol_list() -> QuerySet[Any]:
    return (
        ReadingProtocol.objects.filter(retired_reason="")
        .annotate(n_rounds=Count("rounds", filter=Q(rounds__retired_reason=""), distinct=True))
        .prefetch_related("markers__marker")
    )
