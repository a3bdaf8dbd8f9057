"""Forms of the close of a round and of what comes after it. The services check again, and compute."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from labs.ihc.models import Read
from labs.revisions import newest_of, revision_of
from labs.rounds.changed_meanwhile import RoundStepForm
from labs.rounds.reading import Judgement
from labs.rounds.recomputing import RULES
from labs.rounds.settling_forms import REASON_LENGTH, JudgedForm
from registry.forms import ServiceForm
from registry.log.facts import StaleWrite


class CloseForm(RoundStepForm):
    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        help_text=_("Typed again, it is your signature."),
    )


class ReopenForm(RoundStepForm):
    reason = forms.CharField(label=_("Reason"), max_length=REASON_LENGTH)


class AmendForm(JudgedForm):
    seen = forms.IntegerField(label=_("Revision"), widget=forms.HiddenInput)
    comment = forms.CharField(label=_("Comment"), max_length=300, required=False)
    reason = forms.CharField(label=_("Reason of the amendment"), max_length=REASON_LENGTH)

    def __init__(self, data: Any, *, read: Read) -> None:
        super().__init__(data, scale=read.stain.marker.scale, bins=read.extent_bins)
        self.read = read
        counts = {f"field_{place}": count for place, count in enumerate(read.field_counts or [], start=1)}
        names = ("intensity", "percent", "fewer_fields_reason", "not_assessable", "comment")
        self.initial = {"seen": read.version, **counts} | {name: getattr(read, name) for name in names}
        if read.percent is None:
            self.initial["extent"] = read.extent

    @property
    def judgement(self) -> Judgement:
        return Judgement(self.judged, self.cleaned_data["not_assessable"], comment=self.cleaned_data["comment"])

    def clean_seen(self) -> int:
        seen: int = self.cleaned_data["seen"]
        if revision_of(self.read, seen) is None:
            raise ValidationError(_("The read has no revision %(number)s: load the page anew.") % {"number": seen})
        return seen

    @property
    def seen_row(self) -> Read:
        return revision_of(self.read, self.cleaned_data["seen"]) or self.read

    def show_stale(self, stale: StaleWrite) -> None:
        super().show_stale(stale)
        self.type_over(seen=newest_of(self.read).version)


class RecomputeForm(ServiceForm):
    rule = forms.ChoiceField(
        label=_("Rule for discordant slides"), choices=[(rule.value, rule.label) for rule in RULES]
    )
    superseding_joint = forms.BooleanField(required=False)
    # How many the tick was about: somebody may settle another one meanwhile.
    joint_shown = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(label=_("Reason"), max_length=REASON_LENGTH)

    def __init__(self, data: Any, *, rule: str, n_joint: int) -> None:
        super().__init__(data)
        self.n_joint = n_joint
        self.initial = {"rule": rule, "joint_shown": n_joint}
        ticked = self.fields["superseding_joint"]
        ticked.label = ngettext(
            "Supersede the %(n)s slide that a joint session settled, too",
            "Supersede the %(n)s slides that a joint session settled, too",
            n_joint,
        ) % {"n": n_joint}
        ticked.help_text = ngettext(
            "Unless you tick this, it stays as it was settled.",
            "Unless you tick this, they stay as they were settled.",
            n_joint,
        )
        if not n_joint:
            del self.fields["superseding_joint"], self.fields["joint_shown"]

    @property
    def values(self) -> dict[str, Any]:
        given = self.cleaned_data
        joint = given["joint_shown"] if given.get("superseding_joint") else 0
        return {"rule": given["rule"], "reason": given["reason"], "superseding_joint": joint}

    def show_refusal(self, error: ValidationError) -> None:
        super().show_refusal(error)
        self.type_over(joint_shown=self.n_joint)
