from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from registry.clinical.models import (
    Assessment,
    Baseline,
    ExtraValue,
    ExtraVariable,
    FollowUp,
    OutcomeEvent,
    ReportedResponse,
    Treatment,
)
from registry.forms import DayInput, FactForm, ServiceForm
from registry.log.facts import StaleWrite
from registry.patients.models import Enrolment


class TreatmentForm(FactForm):
    class Meta:
        model = Treatment
        fields = ["kind", "agent", "start", "start_precision", "end"]
        widgets = {"start": DayInput, "end": DayInput}


class AssessmentForm(FactForm):
    class Meta:
        model = Assessment
        fields = ["day", "mrecist", "method"]
        widgets = {"day": DayInput}


class FollowUpForm(FactForm):
    class Meta:
        model = FollowUp
        fields = ["day", "mode", "note"]
        widgets = {"day": DayInput}


class OutcomeEventForm(FactForm):
    class Meta:
        model = OutcomeEvent
        fields = ["kind", "day", "precision", "method"]
        widgets = {"day": DayInput}


class BaselineForm(FactForm):
    class Meta:
        model = Baseline
        fields = [
            "age",
            "ecog",
            "child_pugh",
            "child_pugh_score",
            "bclc",
            "stage",
            "grade",
            "mvi",
            "afp",
            "hepatitis",
            "cirrhosis",
            "tumour_size_cm",
            "tumour_count",
            "multiple_tumours",
            "vascular_invasion",
            "extrahepatic_spread",
            "ascites",
            "encephalopathy",
            "hcc_confirmed",
            "tumour_tissue",
            "measurable_lesion",
            "prior_immunosuppression",
            "other_malignancy",
            "autoimmune_on_steroids",
        ]


class ResponseForm(FactForm):
    is_responder = forms.TypedChoiceField(
        label=_("Response"),
        choices=[("True", _("Responder")), ("False", _("Non-responder"))],
        coerce=lambda value: value == "True",
        widget=forms.RadioSelect,
    )

    class Meta:
        model = ReportedResponse
        fields = ["is_responder", "definition"]


class RetireForm(ServiceForm):
    version = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Why is it an error?"), max_length=500, help_text=_("The entry stays in the change log.")
    )


class ExtraValuesForm(ServiceForm):
    """All variables of a cohort's own dictionary, each with the version that the person saw."""

    def __init__(self, *args: Any, enrolment: Enrolment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.variables = list(ExtraVariable.objects.filter(cohort_id=enrolment.cohort_id, retired_reason=""))
        stored = ExtraValue.objects.filter(enrolment=enrolment, retired_reason="").select_related("variable")
        self.stored = {value.variable_id: value for value in stored}
        for variable in self.variables:
            value = self.stored.get(variable.pk)
            self.fields[f"x-{variable.code}"] = _field_for(variable, value)
            self.fields[f"v-{variable.code}"] = forms.IntegerField(
                widget=forms.HiddenInput, initial=value.version if value else 0
            )
        self.fields["reason"] = forms.CharField(label=_("Reason"), max_length=500, required=False)

    def entered(self) -> dict[ExtraVariable, tuple[float | str | None, int]]:
        """What was typed for each variable, with the version that it replaces."""
        data = self.cleaned_data
        return {variable: (data[f"x-{variable.code}"], data[f"v-{variable.code}"]) for variable in self.variables}

    def show_stale(self, stale: StaleWrite) -> None:
        super().show_stale(stale)
        known = ((variable.code, self.stored.get(variable.pk)) for variable in self.variables)
        self.type_over(**{f"v-{code}": value.version if value else 0 for code, value in known})


def _field_for(variable: ExtraVariable, value: ExtraValue | None) -> forms.Field:
    label = f"{variable.label} ({variable.unit})" if variable.unit else variable.label
    initial = value.value if value else None
    if variable.type == ExtraVariable.Type.NUMBER:
        return forms.FloatField(label=label, required=False, initial=initial)
    if variable.type == ExtraVariable.Type.TEXT:
        return forms.CharField(label=label, required=False, max_length=200, initial=initial)
    choices = [("", "—"), *((code, f"{code}: {meaning}") for code, meaning in variable.levels.items())]
    return forms.ChoiceField(label=label, required=False, choices=choices, initial=initial)
