"""A round of a few tissues and two markers, drawn up by the services that the pages use."""

from dataclasses import dataclass
from typing import Any

from labs.ihc.models import Read
from labs.markers.models import Marker
from labs.markers.services import marker_set, stain_create
from labs.rounds.models import Assignment, Duty, Round, RoundReader, Slide
from labs.rounds.protocols import protocol_set
from labs.rounds.reading import Judgement, slide_read_save
from labs.rounds.services import round_create, round_open
from labs.specimens.services import specimen_create
from registry.cohorts.models import Cohort
from registry.log.actors import Actor
from registry.log.recording import recording
from registry.people.models import User
from registry.people.roles import Role
from registry.signing import services as signing
from registry.signing.services import Proof
from tests.registry.fixtures import BY, RESECTED, enrol
from tests.registry.people import person

SEED = "5eed" * 8


@dataclass(frozen=True)
class Reading:
    """A round with what a test needs of it."""

    round: Round
    first: User
    second: User

    def duty(self, user: User) -> RoundReader:
        return self.round.readers.select_related("round__protocol", "reader").get(reader=user)

    def assignment(self, user: User, slide: Slide) -> Assignment:
        found = Assignment.objects.select_related(
            "slide__round__protocol", "slide__stain__marker", "round_reader__reader"
        )
        return found.get(slide=slide, round_reader__reader=user)

    def slides(self, marker: str = "FAP") -> list[Slide]:
        originals = self.round.slides.filter(repeats__isnull=True, stain__marker__code=marker)
        return list(originals.select_related("stain__marker", "round__protocol").order_by("stain__specimen__code"))

    def read(self, user: User, slide: Slide, seen: int = 0, **judged: Any) -> Read:
        """A read as the scoring screen saves it: intensity=2, percent=40, or field_counts=[…], or not_assessable=…"""
        about = {name: judged.pop(name) for name in ("not_assessable", "is_flagged", "comment") if name in judged}
        return slide_read_save(
            assignment=self.assignment(user, slide), judgement=Judgement(judged, **about), seen=seen, by=Actor.of(user)
        )


def reading(cohort: Cohort, *, patients: int = 4, is_open: bool = True, code: str = "R2", **rules: Any) -> Reading:
    """FAP (score, cutoff 6) and CD206 (five fields) of so many patients, read by ann and ben; no hidden repeats."""
    with recording(BY):
        fap: Marker = marker_set(code="FAP", name="FAP", scale="score", by=BY)
        cd206: Marker = marker_set(code="CD206", name="CD206", scale="fields", by=BY)
        stains = []
        for number in range(patients):
            patient = enrol(cohort, f"{code}-P{number:02d}").patient
            specimen = specimen_create(
                patient=patient, code=f"{code}T{number:02d}", kind="tumour", collected=RESECTED, by=BY
            )
            stains += [stain_create(specimen=specimen, marker=marker, by=BY) for marker in (fap, cd206)]
        protocol = protocol_set(
            code="ihc", title="IHC", markers={fap: 6.0, cd206: None}, by=BY, **({"repeat_percent": 0} | rules)
        )
        first, second = _pathologist("ann"), _pathologist("ben")
        made = round_create(
            code=code, cohort=cohort, protocol=protocol, readers=[first, second], stains=stains, seed=SEED, by=BY
        )
        if is_open:
            made = round_open(round=made, expected_version=made.version, by=BY)
    assert set(made.readers.values_list("duty", flat=True)) == {Duty.PRIMARY}
    return Reading(made, first, second)


def _pathologist(username: str) -> User:
    return User.objects.filter(username=username).first() or person(Role.PATHOLOGIST, username=username)


def proof_of(user: User) -> Proof:
    """As if the user had typed the password just now; the page's own tests type it."""
    return Proof(Actor.of(user), signing._SEAL)


def read_everything(made: Reading, *, discordant: int = 1) -> None:
    """Both read everything: the first FAP slides high against low, the others alike."""
    with recording(BY):
        for place, slide in enumerate(made.slides("FAP")):
            made.read(made.first, slide, intensity=3, percent=90)
            made.read(made.second, slide, intensity=1 if place < discordant else 3, percent=90)
        for slide in made.slides("CD206"):
            for user in (made.first, made.second):
                made.read(user, slide, field_counts=[10, 12, 14, 16, 18])
