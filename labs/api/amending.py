"""Corrections of a round after its close: voiding nothing, and listed."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from rest_framework import serializers

from labs.api.settling import SettledSlidePresenter
from labs.ihc.models import Read
from labs.ihc.scoring import NotAssessable
from labs.revisions import revision_of
from labs.rounds.access import COORDINATORS, FOLLOWERS, access_round, access_slide
from labs.rounds.amending import Amendment, amendments_of, read_amend
from labs.rounds.models import RoundStatus, Slide
from labs.rounds.reading import Judgement, newest_slide_read
from labs.rounds.selectors import reads_of_slide
from registry.api.endpoints import Act, Computed
from registry.api.serializers import Because, WholeField


class AmendmentPresenter(serializers.Serializer[Any]):
    slide = serializers.CharField(source="row.slide.code")
    of = serializers.SerializerMethodField(help_text="read or consensus")
    reader = serializers.CharField(source="row.reader", default="")
    version = serializers.IntegerField(source="row.version")
    before = serializers.FloatField(source="before.value", allow_null=True)
    after = serializers.FloatField(source="row.value", allow_null=True)
    reason = serializers.CharField(source="row.correction_reason")
    by = serializers.CharField(source="row.recorded_by")
    at = serializers.DateTimeField(source="row.recorded_at")

    def get_of(self, found: Amendment) -> str:
        return "read" if found.is_read else "consensus"


class Amendments(Computed):
    """What was revised while the round was closed, the newest last."""

    reading = FOLLOWERS
    presenter = AmendmentPresenter
    tag = "rounds"

    def found(self, asked: dict[str, Any]) -> list[Amendment]:
        row = access_round(self.user, self.kwargs["code"])
        if row.status != RoundStatus.CLOSED and not self.user.has_role(*COORDINATORS):
            raise ValidationError({"status": [_("What was revised is shown once the round is closed.")]})
        return list(amendments_of(row))

    def place(self, row: Amendment) -> list[str]:
        return [row.row.recorded_at.isoformat(), type(row.row).__name__, f"{row.row.pk:020}"]


class AmendEntry(Because):
    """The whole judgement anew, by the scale of the marker."""

    reader = serializers.CharField(max_length=150, help_text="Whose read; version is that of this read.")
    intensity = WholeField(required=False, allow_null=True, min_value=0, max_value=3)
    percent = WholeField(required=False, allow_null=True, min_value=0, max_value=100)
    extent = WholeField(required=False, allow_null=True, min_value=0, max_value=4)
    field_counts = serializers.ListField(
        child=WholeField(min_value=0, max_value=99999), required=False, allow_null=True, max_length=5
    )
    fewer_fields_reason = serializers.CharField(required=False, allow_blank=True, max_length=120)
    not_assessable = serializers.ChoiceField(NotAssessable.choices, required=False, allow_blank=True)
    comment = serializers.CharField(required=False, allow_blank=True, max_length=300)
    reason = serializers.CharField(max_length=300)


class AmendedSlide(Act):
    """A correction of one reader's read after the close; the consensus follows where a rule can."""

    writing = COORDINATORS
    summary = "Amend a read"
    entry = AmendEntry
    presenter = SettledSlidePresenter
    tag = "rounds"

    def row(self) -> Slide:
        return access_slide(self.user, self.kwargs["code"], self.kwargs["slide"])

    def act(self, row: Slide, given: dict[str, Any]) -> Any:
        version, reason = self.seen_version(given), given.pop("reason")
        seen = self._seen(row, given.pop("reader"), version)
        judgement = Judgement(
            values={name: value for name, value in given.items() if name not in ("not_assessable", "comment")},
            not_assessable=given.get("not_assessable", ""),
            comment=given.get("comment", ""),
        )
        read_amend(read=seen, judgement=judgement, by=self.by, reason=reason)
        return reads_of_slide(row.round, row.repeats or row)

    def _seen(self, slide: Slide, reader: str, version: int) -> Read:
        newest = newest_slide_read(slide, reader)
        if newest is None:
            raise serializers.ValidationError({"reader": [_("There is no read by this reader.")]})
        found = revision_of(newest, version)
        if found is None:
            raise serializers.ValidationError({"version": [_("The read has no such revision.")]})
        return found
