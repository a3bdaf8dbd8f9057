"""The own reads, outside the rounds and in them. What somebody else read is no part of any answer here."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from labs.api.results import expect_version
from labs.ihc.access import READING, access_stain, visible_stains
from labs.ihc.models import Read
from labs.ihc.scoring import NotAssessable
from labs.ihc.services import read_correct, read_record, read_retract
from labs.ihc.worklist import newest_read
from labs.markers.models import Stain
from labs.rounds.access import READERS, access_assignment, access_duty, my_duties
from labs.rounds.models import Assignment
from labs.rounds.queue import Entry as QueueEntry
from labs.rounds.queue import is_reading, queue_of
from labs.rounds.reading import Judgement, newest_slide_read, slide_read_save
from registry.api.endpoints import Act, Endpoint, Item, Listing, Told
from registry.api.serializers import Entry, FiniteField, OfVersion, Presented, Seen, WholeField

JUDGED = ("intensity", "percent", "extent", "field_counts", "fewer_fields_reason", "density")
SHOWN = (*JUDGED, "value", "comment", "recorded_at")


class ReadPresenter(Presented):
    stain = serializers.IntegerField(source="stain_id")
    specimen = serializers.CharField(source="stain.specimen.code")
    marker = serializers.CharField(source="stain.marker.code")

    class Meta:
        model = Read
        fields = ("id", "version", "stain", "specimen", "marker", *SHOWN, "is_retracted", "correction_reason")


class JudgementEntry(Entry):
    """Only what belongs to the scale of the marker; score, extent and mean are computed by the server."""

    intensity = WholeField(required=False, allow_null=True, min_value=0, max_value=3)
    percent = WholeField(required=False, allow_null=True, min_value=0, max_value=100)
    extent = WholeField(required=False, allow_null=True, min_value=0, max_value=4)
    field_counts = serializers.ListField(
        child=WholeField(min_value=0, max_value=99999), required=False, allow_null=True, max_length=5
    )
    fewer_fields_reason = serializers.CharField(required=False, allow_blank=True, max_length=120)
    density = FiniteField(required=False, allow_null=True)
    comment = serializers.CharField(required=False, allow_blank=True, max_length=300)


class ReadEntry(JudgementEntry, Seen):
    """A whole judgement: what is left out is left out of it. A correction needs a reason."""


class ReadFilters(Entry):
    marker = serializers.CharField(required=False, max_length=30)
    specimen = serializers.CharField(required=False, max_length=60)


class Reads(Listing):
    """Your own current reads outside the rounds."""

    reading = READING
    presenter = ReadPresenter
    filters = ReadFilters
    orderings = {"id": "pk", "specimen": "stain__specimen__code", "marker": "stain__marker__code"}

    def rows(self) -> QuerySet[Any]:
        mine = Read.objects.outside_rounds().current().filter(reader=self.user.username)
        return mine.filter(stain__in=visible_stains(self.user)).select_related("stain__specimen", "stain__marker")

    def narrowed(self, rows: QuerySet[Any], asked: dict[str, Any]) -> QuerySet[Any]:
        columns = {"marker": "stain__marker__code", "specimen": "stain__specimen__code"}
        return rows.filter(**{columns[name]: value for name, value in asked.items()})


class MyRead(Item):
    """Your read of a stain; version 0 says that there is none. Saving corrects the version that you saw."""

    reading = READING
    writing = READING
    presenter = ReadPresenter
    tag = "stains"

    def row(self) -> Read:
        stain = access_stain(self.user, self.kwargs["pk"])
        newest = newest_read(stain, self.user.username)
        return newest or Read(stain=stain, reader=self.user.username, version=0)

    def put(self, request: Request, **kwargs: Any) -> Response:
        row = self.row()
        given = ReadEntry.parsed(request.data)
        expect_version(row, self.seen_version(given))
        if row.version:
            read_correct(read=row, by=self.by, **{"reason": "", **given})
        else:
            read_record(stain=row.stain, reader=row.reader, by=self.by, **given)
        return self.shown(self.row())

    def describe(self, method: str) -> Told:
        if method == "PUT":
            return Told("Save my read", ReadEntry, self.presenter, is_locked=True)
        return super().describe(method)


class RetractedRead(Act):
    writing = READING
    summary = "Retract my read"
    presenter = ReadPresenter
    tag = "stains"

    def row(self) -> Stain:
        return access_stain(self.user, self.kwargs["pk"])

    def act(self, row: Stain, given: dict[str, Any]) -> Read:
        newest = newest_read(row, self.user.username)
        if newest is None:
            raise ValidationError(_("You have not read this stain."))
        expect_version(newest, self.seen_version(given))
        return read_retract(read=newest, by=self.by, reason=given["reason"])


class DutyPresenter(serializers.Serializer[Any]):
    round = serializers.CharField(source="round.code")
    title = serializers.CharField(source="round.title")
    status = serializers.CharField(source="round.status")
    simulated = serializers.BooleanField(source="round.cohort.is_simulated")


class MyRounds(Listing):
    """The rounds in which you read, or have read."""

    reading = READERS
    presenter = DutyPresenter
    orderings = {"round": "round__code"}

    def rows(self) -> QuerySet[Any]:
        return my_duties(self.user)


class SlidePresenter(serializers.Serializer[Any]):
    """A slide as its reader sees it: a code, what it is stained for, and the own read."""

    slide = serializers.CharField(source="assignment.slide.code")
    marker = serializers.CharField(source="assignment.slide.stain.marker.code")
    scale = serializers.CharField(source="assignment.slide.stain.marker.scale")
    version = serializers.SerializerMethodField(help_text="Of your read; 0 when there is none.")
    read = serializers.SerializerMethodField()

    def get_version(self, entry: QueueEntry) -> int:
        newest = newest_slide_read(entry.assignment.slide, self.context["reader"])
        return newest.version if newest else 0

    def get_read(self, entry: QueueEntry) -> dict[str, Any] | None:
        read = entry.read
        names = (*JUDGED, "value", "comment", "not_assessable", "is_flagged")
        return {name: getattr(read, name) for name in names} if read else None


class QueuePresenter(serializers.Serializer[Any]):
    round = serializers.CharField()
    is_open = serializers.BooleanField(help_text="Whether you read in it now.")
    done = serializers.IntegerField()
    total = serializers.IntegerField()
    next = SlidePresenter(allow_null=True)


class NextSlide(Endpoint):
    """The next slide of your queue."""

    reading = READERS
    tag = "my-rounds"

    def get(self, request: Request, **kwargs: Any) -> Response:
        duty = access_duty(self.user, self.kwargs["code"])
        queue = queue_of(duty)
        content = {
            "round": duty.round.code,
            "is_open": is_reading(duty),
            "done": queue.done,
            "total": queue.total,
            "next": queue.next_to_do if is_reading(duty) else None,
        }
        return Response(QueuePresenter(content, context={"reader": self.user.username}).data)

    def describe(self, method: str) -> Told:
        return Told("Next slide", None, QueuePresenter)


class SlideJudgement(JudgementEntry, OfVersion):
    not_assessable = serializers.ChoiceField(NotAssessable.choices, required=False, allow_blank=True)
    is_flagged = serializers.BooleanField(default=False)
    seconds = WholeField(required=False, min_value=0, max_value=3600, help_text="How long you looked.")


class MySlide(Item):
    """One slide of your queue. Saving needs the version of your own read that you saw, 0 for the first."""

    reading = READERS
    writing = READERS
    presenter = SlidePresenter
    tag = "my-rounds"

    def _assignment(self) -> Assignment:
        return access_assignment(self.user, self.kwargs["code"], self.kwargs["slide"])

    def row(self) -> QueueEntry:
        assignment = self._assignment()
        queue = queue_of(access_duty(self.user, self.kwargs["code"]))
        found = next((entry for entry in queue.entries if entry.assignment.pk == assignment.pk), None)
        if found is None:
            raise Http404  # a repeat whose washout is not over is not there yet
        return found

    def shown(self, row: Any) -> Response:
        return Response(SlidePresenter(row, context={"reader": self.user.username}).data)

    def put(self, request: Request, **kwargs: Any) -> Response:
        self.row()
        given = SlideJudgement.parsed(request.data)
        slide_read_save(
            assignment=self._assignment(),
            judgement=Judgement(
                {name: given[name] for name in JUDGED if name in given},
                given.get("not_assessable", ""),
                is_flagged=given["is_flagged"],
                comment=given.get("comment", ""),
            ),
            seen=self.seen_version(given),
            seconds=given.get("seconds"),
            by=self.by,
        )
        return self.shown(self.row())

    def describe(self, method: str) -> Told:
        if method == "PUT":
            return Told("Save my read", SlideJudgement, SlidePresenter, is_locked=True)
        return super().describe(method)
