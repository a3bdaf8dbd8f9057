"""Corrections that turn the conclusion of `scored_cohort`, and those that turn it back."""

from labs.ihc.models import Read
from labs.ihc.services import read_correct
from registry.log.recording import recording
from tests.analysis.fixtures import Scored
from tests.registry.fixtures import BY

# intensity and percent
LOW, HIGH = (1, 20), (3, 90)


def turn(scored: Scored) -> list[Read]:
    """Half of either group changes sides: FAP no longer splits anything."""
    return _corrected(scored, {number: LOW if number % 4 == 0 else HIGH for number in range(24) if number % 4 < 2})


def turn_back(scored: Scored) -> list[Read]:
    return _corrected(scored, {number: HIGH if number % 4 == 0 else LOW for number in range(24) if number % 4 < 2})


def _corrected(scored: Scored, values: dict[int, tuple[int, int]]) -> list[Read]:
    with recording(BY):
        return [
            read_correct(
                read=Read.objects.current().get(stain=scored.reads[number].stain),
                intensity=intensity,
                percent=percent,
                by=BY,
                reason="restained",
            )
            for number, (intensity, percent) in values.items()
        ]
