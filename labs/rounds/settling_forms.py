"""Forms of the adjudication, and the values of a scale as a person judged. The services check again, and compute."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from labs.ihc.forms import WholeNumberInput, percent_range
from labs.ihc.scoring import EXTENT_BINS, FIELDS, NotAssessable
from labs.markers.models import Scale
from labs.rounds.changed_meanwhile import MeanwhileForm, RoundStepForm
from labs.rounds.consensus import CannotSettle
from labs.rounds.models import ConsensusRule, Round
from labs.rounds.recomputing import RULES
from labs.rounds.selectors import SlideReads
from labs.rounds.settling import Settlement, said_by_rule
from registry.log.facts import StaleWrite

REASON_LENGTH = 300


class JudgedForm(MeanwhileForm):
    """The values of one scale, or why there are none. Nothing is required: the service knows what belongs together."""

    def __init__(self, data: Any, *, scale: str, bins: Mapping[int, tuple[int, int]] = EXTENT_BINS) -> None:
        super().__init__(data)
        self.scale = scale
        self.fields.update(_score_fields(bins) if scale == Scale.SCORE else _count_fields())
        self.fields["not_assessable"] = forms.ChoiceField(
            label=_("Not assessable because"), choices=[("", "—"), *NotAssessable.choices], required=False
        )

    def judged_fields(self) -> list[forms.BoundField]:
        names = ["intensity", "percent", "extent"] if self.scale == Scale.SCORE else [*_boxes(), "fewer_fields_reason"]
        return [self[name] for name in (*names, "not_assessable")]

    @property
    def judged(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if self.scale == Scale.SCORE:
            percent = cleaned["percent"]
            return {
                "intensity": cleaned["intensity"],
                "percent": int(percent) if percent else None,
                "extent": cleaned["extent"],
            }
        counts = [int(cleaned[name]) for name in _boxes() if cleaned[name]]
        # None where nothing was typed, so that "not assessable" may stand alone.
        return {"field_counts": counts or None, "fewer_fields_reason": cleaned["fewer_fields_reason"]}


def _boxes() -> list[str]:
    return [f"field_{number}" for number in range(1, FIELDS + 1)]


def _score_fields(bins: Mapping[int, tuple[int, int]]) -> dict[str, forms.Field]:
    return {
        "intensity": forms.TypedChoiceField(
            label=_("Intensity"),
            coerce=int,
            empty_value=None,
            required=False,
            choices=[("", "—"), (0, _("0 negative")), (1, _("1 weak")), (2, _("2 moderate")), (3, _("3 strong"))],
        ),
        "percent": forms.RegexField(
            regex=r"^(?:[0-9]{1,2}|100)$",
            label=_("Positive cells (%)"),
            required=False,
            widget=WholeNumberInput(maxlength="3"),
            error_messages={"invalid": _("Give a whole number from 0 to 100.")},
        ),
        "extent": forms.TypedChoiceField(
            label=_("Or extent"),
            coerce=int,
            empty_value=None,
            required=False,
            choices=[("", "—"), *((extent, f"{extent}: {percent_range(extent, bins)}") for extent in bins)],
        ),
    }


def _count_fields() -> dict[str, forms.Field]:
    boxes: dict[str, forms.Field] = {
        name: forms.RegexField(
            regex=r"^[0-9]{1,5}$",
            label=_("Field %(number)s") % {"number": number},
            required=False,
            widget=WholeNumberInput(maxlength="5"),
            error_messages={"invalid": _("Give a whole number of cells.")},
        )
        for number, name in enumerate(_boxes(), start=1)
    }
    reason = forms.CharField(label=_("Reason for fewer than five fields"), max_length=120, required=False)
    return boxes | {"fewer_fields_reason": reason}


class SettleForm(JudgedForm):
    """Only the outcomes that the reads allow are offered, each with what it would come to."""

    seen = forms.IntegerField(label=_("Revision"), widget=forms.HiddenInput, required=False)
    outcome = forms.ChoiceField(label=_("Outcome"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Reason"), max_length=REASON_LENGTH, help_text=_("Stands beside the consensus for good.")
    )

    def __init__(self, data: Any, *, found: SlideReads) -> None:
        super().__init__(data, scale=found.slide.stain.marker.scale, bins=found.slide.round.protocol.extent_bins)
        outcome: forms.ChoiceField = self.fields["outcome"]  # type: ignore[assignment]  # declared so above
        outcome.choices = outcomes_of(found)
        offered = {value for value, _label in outcome.choices}
        rule = found.slide.round.protocol.consensus_rule
        self.initial = {
            "seen": found.consensus.version if found.consensus else 0,
            "outcome": rule if rule in offered else ConsensusRule.JOINT,
        }

    @property
    def settlement(self) -> Settlement:
        chosen = self.cleaned_data["outcome"]
        if chosen != ConsensusRule.JOINT:
            return Settlement(chosen)
        return Settlement(chosen, self.judged, self.cleaned_data["not_assessable"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        typed = [name for name in self.fields if name not in ("seen", "outcome", "reason") and cleaned.get(name)]
        if cleaned.get("outcome", ConsensusRule.JOINT) != ConsensusRule.JOINT and typed:
            self.add_error("outcome", _("Values belong to the joint session: choose it, or leave them empty."))
        return cleaned

    def show_stale(self, stale: StaleWrite) -> None:
        super().show_stale(stale)
        self.type_over(seen=self.initial["seen"])


def outcomes_of(found: SlideReads) -> list[tuple[str, Any]]:
    offered: list[tuple[str, Any]] = [(ConsensusRule.JOINT.value, ConsensusRule.JOINT.label)]
    for rule in RULES:
        try:
            said = said_by_rule(found, rule)
        except CannotSettle:
            continue
        offered.append((rule.value, f"{rule.label}: {said.in_words}"))
    return offered


class AdjudicationForm(RoundStepForm):
    without_repeats = forms.BooleanField(label=_("Go on without the hidden repeats that are missing"), required=False)

    def __init__(self, data: Any, *, round: Round, repeats_missing: bool) -> None:
        super().__init__(data, round=round)
        if not repeats_missing:
            del self.fields["without_repeats"]

    @property
    def values(self) -> dict[str, Any]:
        return {
            "expected_version": self.cleaned_data["version"],
            "without_repeats": self.cleaned_data.get("without_repeats", False),
        }
