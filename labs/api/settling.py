"""Settling a round: the third reader, what is missing and what disagrees, and the outcome of each slide."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from labs.api.rounds import OfRound, reader_named
from labs.ihc.models import Read
from labs.ihc.scoring import NotAssessable
from labs.rounds.access import COORDINATORS, access_round, access_slide
from labs.rounds.adjudicating import (
    adjudication_start,
    missing_reads,
    third_read_ask,
    third_reader_add,
    third_reader_of,
)
from labs.rounds.models import ConsensusRule, Round, RoundStatus, Slide
from labs.rounds.selectors import reads_of_slide
from labs.rounds.settling import Settlement, slide_settle
from labs.rounds.settling_table import settling_table
from registry.api.endpoints import Act, Told
from registry.api.serializers import Because, Entry, OfVersion, WholeField


class ThirdReaderEntry(Entry):
    reader = serializers.CharField(max_length=150, help_text="A username.")


class ThirdReader(OfRound):
    """The third reader gets the discordant slides among decoys."""

    summary = "Name the third reader"
    entry = ThirdReaderEntry
    is_locked = False

    def act(self, row: Round, given: dict[str, Any]) -> Round:
        third_reader_add(round=row, reader=reader_named(self.user, given["reader"], "reader"), by=self.by)
        return access_round(self.user, row.code)


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


class Adjudication(OfRound):
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
