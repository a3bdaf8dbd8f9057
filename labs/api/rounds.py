"""Rounds for those who coordinate or follow them: protocols, a new round, its state, opening it.

A round is closed, opened again and recomputed on its page only: that is signed with the password.
"""

from typing import Any

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.response import Response

from labs.api.references import marker_named
from labs.rounds.access import COORDINATORS, FOLLOWERS, access_round
from labs.rounds.access import coordinated_rounds as coordinated
from labs.rounds.drawing_up import pathologists, stains_for
from labs.rounds.models import ReadingProtocol, Round, RoundStatus
from labs.rounds.protocols import RULES, protocol_list, protocol_set
from labs.rounds.selectors import progress_of, round_markers
from labs.rounds.services import round_create, round_discard, round_open
from labs.specimens.models import SpecimenKind
from registry.api.endpoints import Act, Collection, Item
from registry.api.references import cohort_named
from registry.api.serializers import Entry, FiniteField, ModelEntry, OfVersion, Presented, WholeField
from registry.people.models import User

TISSUES = [choice for choice in SpecimenKind.choices if choice[0] != SpecimenKind.BLOOD]


class ProtocolMarkerEntry(Entry):
    marker = serializers.CharField(max_length=30)
    cutoff = FiniteField(required=False, allow_null=True, help_text="Registered before anybody reads; high is above.")


class ProtocolEntry(ModelEntry):
    """A code that is there already gets its next version."""

    markers = ProtocolMarkerEntry(many=True, allow_empty=False)

    class Meta:
        model = ReadingProtocol
        fields = ("code", "title", "markers", *RULES)


class ProtocolMarkerPresenter(serializers.Serializer[Any]):
    marker = serializers.CharField(source="marker.code")
    cutoff = serializers.FloatField(allow_null=True)


class ProtocolPresenter(Presented):
    markers = ProtocolMarkerPresenter(many=True)
    rounds = serializers.IntegerField(source="n_rounds")

    class Meta:
        model = ReadingProtocol
        fields = ("id", "code", "number", "title", "markers", "rounds", *RULES)


class Protocols(Collection):
    """Reading protocols. A version is never changed."""

    reading = COORDINATORS
    writing = COORDINATORS
    of_site = False
    presenter = ProtocolPresenter
    entry = ProtocolEntry

    def rows(self) -> QuerySet[Any]:
        return protocol_list()

    def add(self, given: dict[str, Any]) -> Model:
        rows = given.pop("markers")
        markers = {marker_named(self.user, row["marker"]): row.get("cutoff") for row in rows}
        if len(markers) < len(rows):
            raise serializers.ValidationError({"markers": [_("A marker is named twice.")]})
        return protocol_set(markers=markers, by=self.by, **given)


class RoundPresenter(Presented):
    cohort = serializers.CharField(source="cohort.code")
    simulated = serializers.BooleanField(source="cohort.is_simulated")
    protocol = serializers.CharField(source="protocol.__str__")

    class Meta:
        model = Round
        fields = (
            "id",
            "version",
            "code",
            "title",
            "cohort",
            "simulated",
            "protocol",
            "status",
            "opened_at",
            "closed_at",
        )


class RoundEntry(Entry):
    code = serializers.CharField(max_length=8)
    title = serializers.CharField(required=False, allow_blank=True, max_length=120)
    cohort = serializers.CharField(max_length=60)
    protocol = WholeField(min_value=1, max_value=2**31 - 1, help_text="The number of a version.")
    kinds = serializers.MultipleChoiceField(choices=TISSUES, allow_empty=False)
    readers = serializers.ListField(
        child=serializers.CharField(max_length=150), allow_empty=False, max_length=20, help_text="Usernames."
    )


class Rounds(Collection):
    """Rounds that you may follow. A round is closed on its page: that is signed with the password."""

    reading = FOLLOWERS
    writing = COORDINATORS
    presenter = RoundPresenter
    entry = RoundEntry
    orderings = {"id": "pk", "code": "code", "opened_at": "opened_at"}

    def rows(self) -> QuerySet[Any]:
        found = coordinated(self.user)
        return found if self.user.has_role(*COORDINATORS) else found.filter(status=RoundStatus.CLOSED)

    def add(self, given: dict[str, Any]) -> Model:
        cohort = cohort_named(self.user, given["cohort"])
        protocol = ReadingProtocol.objects.filter(retired_reason="", pk=given["protocol"]).first()
        if protocol is None:
            raise serializers.ValidationError({"protocol": [_("There is no protocol with this number.")]})
        return round_create(
            code=given["code"],
            title=given.get("title", ""),
            cohort=cohort,
            protocol=protocol,
            readers=[reader_named(self.user, name, "readers") for name in given["readers"]],
            stains=stains_for(cohort, protocol, sorted(given["kinds"])),
            by=self.by,
        )


def reader_named(user: User, name: str, field: str) -> User:
    """Whoever draws up a round, or settles it, has seen which tissue has which code, and can be none of its readers."""
    found = pathologists().filter(username=name).exclude(pk=user.pk).first()
    if found is None:
        raise serializers.ValidationError({field: [_("There is no such pathologist to choose.")]})
    return found


class RoundMarkerPresenter(serializers.Serializer[Any]):
    marker = serializers.CharField(source="code")
    cutoff = serializers.FloatField(allow_null=True)
    slides = serializers.IntegerField()
    repeats = serializers.IntegerField()


class RoundReaderPresenter(serializers.Serializer[Any]):
    reader = serializers.CharField(source="reader.reader.username")
    duty = serializers.CharField(source="reader.duty")
    done = serializers.IntegerField()
    total = serializers.IntegerField()


class WholeRoundPresenter(serializers.Serializer[Any]):
    round = RoundPresenter()
    markers = RoundMarkerPresenter(many=True)
    readers = RoundReaderPresenter(many=True)


class OneRound(Item):
    """A round with the progress of its readers."""

    reading = FOLLOWERS
    presenter = WholeRoundPresenter

    def row(self) -> Round:
        return access_round(self.user, self.kwargs["code"])

    def shown(self, row: Any) -> Response:
        content = {"round": row, "markers": round_markers(row), "readers": progress_of(row)}
        response = Response(WholeRoundPresenter(content).data)
        response["ETag"] = f'"{row.version}"'
        return response


class OfRound(Act):
    writing = COORDINATORS
    presenter = RoundPresenter
    tag = "rounds"

    def row(self) -> Any:
        return access_round(self.user, self.kwargs["code"])


class OpenedRound(OfRound):
    """Its readers can begin; from now on its markers are hidden from them everywhere else."""

    summary = "Open the round"
    entry = OfVersion

    def act(self, row: Round, given: dict[str, Any]) -> Round:
        return round_open(round=row, expected_version=self.seen_version(given), by=self.by)


class DiscardedRound(OfRound):
    """A round that was never opened."""

    summary = "Discard the round"

    def act(self, row: Round, given: dict[str, Any]) -> Round:
        return round_discard(round=row, expected_version=self.seen_version(given), by=self.by, reason=given["reason"])
