from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from analysis.engine.models import Analysis
from registry.forms import ServiceForm
from registry.log.facts import StaleWrite


class PlanForm(ServiceForm):
    question = forms.CharField(
        label=_("Hypothesis"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What is expected, and in which direction."),
    )
    alpha = forms.FloatField(
        label=_("Significance threshold (alpha)"),
        min_value=0.0001,
        max_value=0.5,
        initial=0.05,
        help_text=_("Two-sided."),
    )
    planned_size = forms.CharField(
        label=_("Planned patients, events and looks"),
        max_length=300,
        help_text=_("Such as: 103 patients, 60 events, one look at the data cut."),
    )
    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        help_text=_("Signs the plan in your name."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, analysis: Analysis) -> None:
        super().__init__(data)
        self.analysis = analysis
        self.initial["version"] = analysis.version

    def show_stale(self, stale: StaleWrite) -> None:
        super().show_stale(stale)
        self.type_over(version=Analysis.objects.values_list("version", flat=True).get(pk=self.analysis.pk))
