"""What a reader has in a round beside the slides: the own progress, undo and drafts."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from labs.ihc.protocol import protocol as scoring_table
from labs.rounds.access import READERS, access_assignment, access_duty
from labs.rounds.models import Assignment
from labs.rounds.pace import my_pace
from labs.rounds.queue import is_reading, queue_of
from labs.rounds.reading import slide_read_undo
from labs.rounds.services import draft_save
from registry.api.endpoints import Endpoint, Told
from registry.api.serializers import OfVersion


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
