"""A round over the tissues of the scored cohort, read by ann and ben."""

from typing import Any

from labs.markers.models import Marker
from labs.rounds.adjudicating import adjudication_start
from labs.rounds.closing import round_close
from labs.rounds.protocols import protocol_set
from labs.rounds.services import round_create, round_open
from registry.people.models import User
from registry.people.roles import Role
from tests.analysis.fixtures import Scored
from tests.labs.rounds.fixtures import SEED, Reading, proof_of
from tests.registry.fixtures import BY
from tests.registry.people import person


def round_over(scored: Scored, *, code: str = "R2", **rules: object) -> Reading:
    fap = Marker.objects.get(code="FAP")
    given: dict[str, Any] = {"repeat_percent": 0, "consensus_rule": "mean"} | rules
    protocol = protocol_set(code="ihc", title="IHC", markers={fap: 6.0}, by=BY, **given)
    ann, ben = person(Role.PATHOLOGIST, username="ann"), person(Role.PATHOLOGIST, username="ben")
    stains = [read.stain for read in scored.reads]
    made = round_create(
        code=code, cohort=scored.cohort, protocol=protocol, readers=[ann, ben], stains=stains, seed=SEED, by=BY
    )
    return Reading(round_open(round=made, expected_version=made.version, by=BY), ann, ben)


def read_as_scored(made: Reading, *, turned: int = 4) -> None:
    """ann sees what is on record (12 or 2); ben turns the first slides of each group around."""
    for place, slide in enumerate(made.slides("FAP")):
        high = place % 2 == 0
        made.read(made.first, slide, intensity=3 if high else 1, percent=90 if high else 40)
        high = high != (place < turned)
        made.read(made.second, slide, intensity=3 if high else 1, percent=90 if high else 40)


def manager() -> User:
    return User.objects.filter(username="dora").first() or person(Role.DATA_MANAGER, username="dora")


def start(made: Reading, **how: bool) -> None:
    made.round.refresh_from_db()
    adjudication_start(round=made.round, expected_version=made.round.version, by=BY, **how)
    made.round.refresh_from_db()


def close(made: Reading) -> None:
    made.round.refresh_from_db()
    round_close(round=made.round, expected_version=made.round.version, proof=proof_of(manager()))
    made.round.refresh_from_db()
