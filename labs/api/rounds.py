"""Rounds: a reader's own progress, undo and draft; for coordinators setting up, following and settling.

A round is closed, opened again and recomputed on its page only: that is signed with the password.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from labs.api.references import marker_named
from labs.ihc.models import Read
from labs.ihc.protocol import protocol as scoring_table
from labs.ihc.scoring import NotAssessable
from labs.rounds.access import (
    COORDINATORS,
    FOLLOWERS,
    READERS,
    access_assignment,
    access_duty,
    access_round,
    access_slide,
)
from labs.rounds.access import coordinated_rounds as coordinated
from labs.rounds.adjudicating import (
    adjudication_start,
    missing_reads,
    third_read_ask,
    third_reader_add,
    third_reader_of,
)
from labs.rounds.models import Assignment, ConsensusRule, ReadingProtocol, Round, RoundStatus, Slide
from labs.rounds.pace import my_pace
from labs.rounds.protocols import protocol_set
from labs.rounds.queue import is_reading, queue_of
from labs.rounds.reading import slide_read_undo
from labs.rounds.selectors import progress_of, reads_of_slide, round_markers
from labs.rounds.services import draft_save, round_create, round_discard, round_open
from labs.rounds.settling import Settlement, slide_settle
from labs.rounds.settling_table import settling_table
from labs.rounds.setup_forms import RULES, pathologists, protocol_list, stains_for
from labs.specimens.models import SpecimenKind
from registry.api.endpoints import Act, Collection, Endpoint, Item, Told
from registry.api.references import cohort_named
from registry.api.serializers import Because, Entry, FiniteField, ModelEntry, OfVersion, Presented, WholeField
from registry.people.models import User

TISSUES = [choice for choice in SpecimenKind.choices if choice[0] != SpecimenKind.BLOOD]


class MarkerProgress(serializers.Serializer[Any]):
    marker = serializers.CharField()
    done = serializers.IntegerField()
    total = serializers.IntegerField()


class ExtentPresenter(serializers.Serializer[Any]):
    extent = serializers.IntegerField()
    low = serializers.IntegerField(help_text="Percent.")
    high = serializers.IntegerField(help_text="Percent.")


class MyProgressPresenter(serializers.Serializer[Any]):
    round = serializers.CharField()
    is_open = serializers.BooleanField(help_text="Whether you read in it now.")
    done = serializers.IntegerField()
    total = serializers.IntegerField()
    seconds = serializers.IntegerField(allow_null=True, help_text="Median of your own.")
    markers = MarkerProgress(many=True)
    flagged = serializers.ListField(child=serializers.CharField(), help_text="Slides that you flagged.")
    extents = ExtentPresenter(many=True, help_text="The scoring table of the protocol.")


class MyProgress(Endpoint):
    """Your own progress in a round, and its scoring table."""

    reading = READERS
    tag = "my-rounds"

    def get(self, request: Request, **kwargs: Any) -> Response:
        duty = access_duty(self.user, self.kwargs["code"])
        queue = queue_of(duty)
        markers = sorted({entry.assignment.slide.stain.marker.code for entry in queue.entries})
        by_marker = [(marker, queue.of_marker(marker)) for marker in markers]
        content = {
            "round": duty.round.code,
            "is_open": is_reading(duty),
            "done": queue.done,
            "total": queue.total,
            "seconds": my_pace(queue),
            "markers": [{"marker": name, "done": part.done, "total": part.total} for name, part in by_marker],
            "flagged": [entry.assignment.slide.code for entry in queue.entries if entry.read and entry.read.is_flagged],
            "extents": scoring_table(duty.round.protocol.extent_bins)["extents"],
        }
        return Response(MyProgressPresenter(content).data)

    def describe(self, method: str) -> Told:
        return Told("My progress", None, MyProgressPresenter)


class UndonePresenter(serializers.Serializer[Any]):
    slide = serializers.CharField(allow_null=True, help_text="Whose save is undone; null when there was none.")


class Undone(Endpoint):
    """Takes back your last save in the round; its values become a draft."""

    writing = READERS
    tag = "my-rounds"

    def post(self, request: Request, **kwargs: Any) -> Response:
        undone = slide_read_undo(duty=access_duty(self.user, self.kwargs["code"]), by=self.by)
        return Response(UndonePresenter({"slide": undone.slide.code if undone else None}).data)

    def describe(self, method: str) -> Told:
        return Told("Undo my last save", None, UndonePresenter)


class DraftEntry(OfVersion):
    """What is typed and not saved, by the names of the form; nothing here counts."""

    entries = serializers.DictField(child=serializers.CharField(allow_blank=True, max_length=300))


class DraftPresenter(serializers.Serializer[Any]):
    slide = serializers.CharField(source="slide.code")
    version = serializers.IntegerField(source="draft_version")
    entries = serializers.DictField(source="draft", child=serializers.CharField())


class MyDraft(Endpoint):
    """Your draft of a slide."""

    reading = READERS
    writing = READERS
    tag = "my-rounds"

    def _assignment(self) -> Assignment:
        assignment = access_assignment(self.user, self.kwargs["code"], self.kwargs["slide"])
        queue = queue_of(access_duty(self.user, self.kwargs["code"]))
        if all(entry.assignment.pk != assignment.pk for entry in queue.entries):
            raise Http404  # a repeat whose washout is not over is not there yet
        return assignment

    def get(self, request: Request, **kwargs: Any) -> Response:
        return Response(DraftPresenter(self._assignment()).data)

    def put(self, request: Request, **kwargs: Any) -> Response:
        assignment = self._assignment()
        given = DraftEntry.parsed(request.data)
        if not is_reading(access_duty(self.user, self.kwargs["code"])):
            raise ValidationError(_("The round is not open for your reads: nothing is kept."))
        draft_save(assignment=assignment, entries=given["entries"], expected=self.seen_version(given))
        return self.get(request)

    def describe(self, method: str) -> Told:
        if method == "PUT":
            return Told("Keep my draft", DraftEntry, DraftPresenter, is_locked=True)
        return Told("My draft", None, DraftPresenter)


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


class _OfRound(Act):
    writing = COORDINATORS
    presenter = RoundPresenter
    tag = "rounds"

    def row(self) -> Any:
        return access_round(self.user, self.kwargs["code"])


class OpenedRound(_OfRound):
    """Its readers can begin; from now on its markers are hidden from them everywhere else."""

    summary = "Open the round"
    entry = OfVersion

    def act(self, row: Round, given: dict[str, Any]) -> Round:
        return round_open(round=row, expected_version=self.seen_version(given), by=self.by)


class DiscardedRound(_OfRound):
    """A round that was never opened."""

    summary = "Discard the round"

    def act(self, row: Round, given: dict[str, Any]) -> Round:
        return round_discard(round=row, expected_version=self.seen_version(given), by=self.by, reason=given["reason"])


class ThirdReaderEntry(Entry):
    reader = serializers.CharField(max_length=150, help_text="A username.")


class ThirdReader(_OfRound):
    """The third reader gets the discordant slides among decoys."""

    summary = "Name the third reader"
    entry = ThirdReaderEntry
    is_locked = False

    def act(self, row: Round, given: dict[str, Any]) -> Round:
        third_reader_add(round=row, reader=reader_named(self.user, given["reader"], "reader"), by=self.by)
        return self.row()  # type: ignore[no-any-return]  # of this round


class AdjudicationEntry(OfVersion):
    without_repeats = serializers.BooleanField(default=False, help_text="Go on without missing hidden repeats.")


class MissingPresenter(serializers.Serializer[Any]):
    reader = serializers.CharField(source="reader.reader.username")
    slides = serializers.IntegerField()
    repeats = serializers.IntegerField()


class RoundReadPresenter(serializers.Serializer[Read]):
    reader = serializers.CharField()
    version = serializers.IntegerField()
    intensity = serializers.IntegerField(allow_null=True)
    percent = serializers.IntegerField(allow_null=True)
    extent = serializers.IntegerField(allow_null=True)
    field_counts = serializers.ListField(child=serializers.IntegerField(), allow_null=True)
    value = serializers.FloatField(allow_null=True)
    not_assessable = serializers.CharField()
    is_flagged = serializers.BooleanField()
    comment = serializers.CharField()


class ConsensusPresenter(serializers.Serializer[Any]):
    version = serializers.IntegerField()
    rule = serializers.CharField()
    value = serializers.FloatField(allow_null=True)
    not_assessable = serializers.CharField()
    reason = serializers.CharField()


class SettledSlidePresenter(serializers.Serializer[Any]):
    slide = serializers.CharField(source="slide.code")
    marker = serializers.CharField(source="slide.stain.marker.code")
    reads = RoundReadPresenter(many=True, source="primary")
    third = RoundReadPresenter(allow_null=True)
    consensus = ConsensusPresenter(allow_null=True)
    disagreement = serializers.CharField(source="verdict.severity.label")
    is_discordant = serializers.BooleanField()
    version = serializers.SerializerMethodField(help_text="Of the consensus; 0 when there is none.")

    def get_version(self, found: Any) -> int:
        return found.consensus.version if found.consensus else 0


class AdjudicationPresenter(serializers.Serializer[Any]):
    status = serializers.CharField()
    missing = MissingPresenter(many=True)
    third_reader = serializers.CharField()
    slides = SettledSlidePresenter(many=True, help_text="Those to settle or to discuss, worst first.")


class Adjudication(_OfRound):
    """GET: what is missing, then what disagrees. POST: the primary reads are over."""

    reading = COORDINATORS
    summary = "Begin the adjudication"
    entry = AdjudicationEntry

    def get(self, request: Request, **kwargs: Any) -> Response:
        row = self.row()
        is_shown = row.status in (RoundStatus.ADJUDICATION, RoundStatus.CLOSED)
        third = third_reader_of(row)
        content = {
            "status": row.status,
            "missing": missing_reads(row) if row.status == RoundStatus.OPEN else [],
            "third_reader": third.reader.username if third else "",
            "slides": [shown.found for shown in settling_table(row).rows] if is_shown else [],
        }
        return Response(AdjudicationPresenter(content).data)

    def act(self, row: Round, given: dict[str, Any]) -> Round:
        version = self.seen_version(given)
        return adjudication_start(round=row, expected_version=version, by=self.by, **given)

    def describe(self, method: str) -> Told:
        if method == "GET":
            return Told("What is to settle", None, AdjudicationPresenter)
        return super().describe(method)


class SettleEntry(Because):
    """Values belong to a joint session; every other outcome follows from the reads."""

    outcome = serializers.ChoiceField(ConsensusRule.choices)
    intensity = WholeField(required=False, allow_null=True, min_value=0, max_value=3)
    percent = WholeField(required=False, allow_null=True, min_value=0, max_value=100)
    extent = WholeField(required=False, allow_null=True, min_value=0, max_value=4)
    field_counts = serializers.ListField(
        child=WholeField(min_value=0, max_value=99999), required=False, allow_null=True, max_length=5
    )
    fewer_fields_reason = serializers.CharField(required=False, allow_blank=True, max_length=120)
    not_assessable = serializers.ChoiceField(NotAssessable.choices, required=False, allow_blank=True)
    reason = serializers.CharField(max_length=300, help_text="Stands beside the consensus for good.")


class _OfSlide(Act):
    writing = COORDINATORS
    presenter = SettledSlidePresenter
    tag = "rounds"

    def row(self) -> Slide:
        held = access_slide(self.user, self.kwargs["code"], self.kwargs["slide"])
        return held.repeats or held  # a hidden repeat is settled with its original

    def found(self) -> Any:
        held = self.row()
        return reads_of_slide(held.round, held)


class SettledSlide(_OfSlide):
    """One slide with its reads side by side, and how it is settled."""

    reading = COORDINATORS
    summary = "Settle the slide"
    entry = SettleEntry

    def get(self, request: Request, **kwargs: Any) -> Response:
        return Response(SettledSlidePresenter(self.found()).data)

    def act(self, row: Slide, given: dict[str, Any]) -> Any:
        seen, reason, outcome = self.seen_version(given), given.pop("reason"), given.pop("outcome")
        if outcome != ConsensusRule.JOINT and any(value not in (None, "") for value in given.values()):
            raise ValidationError({"outcome": _("Values belong to the joint session: choose it, or leave them empty.")})
        not_assessable = given.pop("not_assessable", "")
        slide_settle(
            slide=row, settlement=Settlement(outcome, given, not_assessable), seen=seen, by=self.by, reason=reason
        )
        return self.found()

    def describe(self, method: str) -> Told:
        if method == "GET":
            return Told("Reads of a slide", None, SettledSlidePresenter)
        return super().describe(method)


class ThirdRead(_OfSlide):
    """Sends the slide to the third reader, among decoys."""

    summary = "Ask for a third read"
    entry = Entry
    is_locked = False

    def act(self, row: Slide, given: dict[str, Any]) -> Any:
        third_read_ask(round=row.round, slides=[row], by=self.by)
        return self.found()

    def describe(self, method: str) -> Told:
        return Told(self.summary, None, SettledSlidePresenter)
