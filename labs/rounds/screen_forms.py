"""The form of the scoring screen: a read on the scale of its marker, by the bins of the round's protocol."""

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from labs.ihc.forms import FieldsForm, ReadForm, ScoreForm, percent_range
from labs.ihc.models import Read
from labs.ihc.scoring import NotAssessable
from labs.markers.models import Scale
from labs.rounds.changed_meanwhile import MeanwhileForm
from labs.rounds.models import Assignment
from labs.rounds.pace import is_of_another_queue, shown_now
from labs.rounds.reading import Judgement, draft_of
from registry.log.facts import StaleWrite

OTHER_READER = _("Another reader signed in since this page was opened: nothing is kept. Open the slide anew.")


class SlideForm(ReadForm, MeanwhileForm):
    not_assessable = forms.ChoiceField(
        label=_("Not assessable"),
        required=False,
        choices=[("", _("assessable")), *NotAssessable.choices],
        widget=forms.RadioSelect,
    )
    is_flagged = forms.BooleanField(label=_("Flag to discuss"), required=False)
    shown = forms.CharField(required=False, widget=forms.HiddenInput)
    previewed = forms.FloatField(label=_("Preview"), required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, newest: Read | None, assignment: Assignment) -> None:
        super().__init__(data, newest=newest)
        self.assignment = assignment
        self.fields.pop("reason", None)  # while the round is open a change needs none
        self.is_stale = False
        stored = draft_of(newest) if newest is not None and not newest.is_retracted else {}
        self.initial = {"seen": self.initial["seen"], "shown": shown_now(assignment)} | (assignment.draft or stored)

    def clean_shown(self) -> str:
        shown: str = self.cleaned_data["shown"]
        if is_of_another_queue(shown, self.assignment):
            raise ValidationError(OTHER_READER)
        return shown

    def show_stale(self, stale: StaleWrite) -> None:
        super().show_stale(stale)
        self.is_stale = True

    @property
    def seen_revision(self) -> int:
        return self.cleaned_data.get("seen") or 0

    @property
    def of_slide(self) -> Judgement:
        values = self.judgement
        comment = values.pop("comment")
        return Judgement(
            values, self.cleaned_data["not_assessable"], is_flagged=self.cleaned_data["is_flagged"], comment=comment
        )


class SlideScoreForm(SlideForm, ScoreForm):
    def __init__(self, data: Any, *, newest: Read | None, assignment: Assignment) -> None:
        super().__init__(data, newest=newest, assignment=assignment)
        intensity, extent = (cast(forms.TypedChoiceField, self.fields[name]) for name in ("intensity", "extent"))
        # The rules say when it is missing: not where nothing is assessable.
        intensity.required, intensity.empty_value = False, None
        bins = assignment.slide.round.protocol.extent_bins
        extent.choices = [(number, percent_range(number, bins)) for number in bins]


class SlideFieldsForm(SlideForm, FieldsForm):
    @property
    def judgement(self) -> dict[str, Any]:
        judged = super().judgement
        return judged | {"field_counts": judged["field_counts"] or None}


_FORMS: dict[str, type[SlideForm]] = {Scale.SCORE: SlideScoreForm, Scale.FIELDS: SlideFieldsForm}


def slide_form(assignment: Assignment, data: Any, newest: Read | None) -> SlideForm:
    return _FORMS[assignment.slide.stain.marker.scale](data, newest=newest, assignment=assignment)
