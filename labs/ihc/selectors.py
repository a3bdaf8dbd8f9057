"""The IHC values of a whole cohort, through any database alias: of record is what a closed round decided."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from labs.ihc.models import CLASSIFIER, Read
from labs.measured import FactRef, Measured
from labs.rounds.models import BLIND, Consensus, RoundStatus, Slide
from labs.specimens.choosing import OnSpecimen, mean_of, measured_by_enrolment
from labs.specimens.models import SpecimenKind
from labs.specimens.pairing import TissuePair, pair_by_enrolment
from registry.cohorts.models import Cohort

_OF_STAIN = (
    "stain__specimen__patient__enrolments__pk",
    "stain__specimen__code",
    "stain__specimen__collected",
    "stain_id",
)


@dataclass
class _Found:
    """What is known of each stain; a stain that a round decided takes nothing else."""

    values: list[OnSpecimen] = field(default_factory=list)
    # enrolment: why a stain of it has no value, and the facts behind that
    reasons: dict[int, tuple[str, tuple[FactRef, ...]]] = field(default_factory=dict)


def ihc_values(cohort: Cohort, marker: str, specimen_kind: str, using: str = "default") -> list[Measured]:
    """Per enrolment, on the specimen collected last: the consensus of the round closed last, else the mean of reads.

    A stain that is being read in a round and has no value yet waits for that round.
    """
    found = _Found()
    decided = _add_consensus(found, _of_cohort(Consensus.objects.using(using).current(), cohort, marker, specimen_kind))
    read = _add_reads(
        found, _of_cohort(Read.objects.using(using).outside_rounds().current(), cohort, marker, specimen_kind), decided
    )
    _add_waiting(found, _of_cohort(Slide.objects.using(using), cohort, marker, specimen_kind), decided | read)
    measured = measured_by_enrolment(found.values, _of_readers)
    have = {item.enrolment_id for item in measured}
    return measured + [
        Measured(enrolment_id, None, reason, facts, absence=reason)
        for enrolment_id, (reason, facts) in found.reasons.items()
        if enrolment_id not in have
    ]


def _of_readers(rows: list[OnSpecimen]) -> tuple[float, str, list[OnSpecimen]]:
    """The mean over people; a classifier is never averaged with a person, nor with another classifier."""
    measured = [row for row in rows if row.source.startswith(f"{CLASSIFIER} ")]
    people = [row for row in rows if row not in measured]
    if not measured:
        return mean_of("readers")(rows)
    value, note, used = mean_of("readers")(people or [min(measured, key=lambda row: row.source)])
    left = sorted(row.source for row in measured if row not in used)
    return value, f"{note} Not used: {', '.join(left)}.".strip() if left else note, used


def ihc_pairs(cohort: Cohort, marker: str, using: str = "default") -> list[TissuePair]:
    """Per enrolment the values of tumour and adjacent normal tissue; the change is their difference."""
    tumours, normals = (ihc_values(cohort, marker, kind, using) for kind in (SpecimenKind.TUMOUR, SpecimenKind.NORMAL))
    return pair_by_enrolment(tumours, normals, "a read")


def _of_cohort(rows: QuerySet[Any], cohort: Cohort, marker: str, specimen_kind: str) -> QuerySet[Any]:
    stain = "slide__stain" if rows.model is Consensus else "stain"
    return rows.filter(
        **{
            f"{stain}__marker__code": marker,
            f"{stain}__retired_reason": "",
            f"{stain}__specimen__kind": specimen_kind,
            f"{stain}__specimen__retired_reason": "",
            f"{stain}__specimen__patient__enrolments__cohort_id": cohort.pk,
            f"{stain}__specimen__patient__enrolments__retired_reason": "",
        }
    ).order_by(f"{stain}__specimen__patient__study_number")


def _add_consensus(found: _Found, rows: QuerySet[Any]) -> set[int]:
    of_record = rows.filter(
        slide__round__status=RoundStatus.CLOSED, slide__round__retired_reason="", slide__repeats__isnull=True
    ).order_by("-slide__round__closed_at", "slide__stain__specimen__patient__study_number")
    latest: dict[int, str] = {}
    columns = [f"slide__{column}" for column in _OF_STAIN]
    for enrolment_id, code, day, stain_id, round_code, value, pk, version, slide in of_record.values_list(
        *columns, "slide__round__code", "value", "pk", "version", "slide__code"
    ):
        if latest.setdefault(stain_id, round_code) != round_code:
            continue
        fact = FactRef("consensus", pk, version, slide)
        if value is None:
            found.reasons.setdefault(enrolment_id, (f"not assessable in round {round_code}", (fact,)))
        else:
            found.values.append(OnSpecimen(enrolment_id, code, day, value, f"consensus of round {round_code}", fact))
    return set(latest)


def _add_reads(found: _Found, rows: QuerySet[Any], decided: set[int]) -> set[int]:
    seen = set()
    for enrolment_id, code, day, stain_id, marker, value, reader, pk, version in rows.order_by(
        "stain__specimen__patient__study_number", "reader"
    ).values_list(*_OF_STAIN, "stain__marker__code", "value", "reader", "pk", "version"):
        if stain_id in decided:
            continue
        seen.add(stain_id)
        fact = FactRef("read", pk, version, f"{code} {marker}")
        found.values.append(OnSpecimen(enrolment_id, code, day, value, reader, fact))
    return seen


def _add_waiting(found: _Found, rows: QuerySet[Any], known: set[int]) -> None:
    waiting = rows.filter(round__status__in=BLIND, round__retired_reason="", repeats__isnull=True)
    for enrolment_id, stain_id, round_code in waiting.values_list(_OF_STAIN[0], "stain_id", "round__code"):
        if stain_id in known:
            continue
        found.reasons.setdefault(enrolment_id, (f"waiting for round {round_code}", ()))
