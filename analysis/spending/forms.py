from django import forms
from django.utils.translation import gettext_lazy as _

from analysis.spending.models import MOST_LOOKS, SpendingPlan
from registry.forms import ServiceForm


class SpendingForm(ServiceForm):
    method = forms.ChoiceField(label=_("Spending function"), choices=SpendingPlan.Method.choices)
    alpha = forms.FloatField(label=_("Total alpha, two-sided"), min_value=0.0001, max_value=0.2, initial=0.05)
    information = forms.IntegerField(
        label=_("Planned events"), min_value=1, help_text=_("At which the analysis is complete.")
    )
    max_looks = forms.IntegerField(
        label=_("Largest number of looks"),
        min_value=1,
        max_value=MOST_LOOKS,
        help_text=_("Each new result is a look, also one that only corrects data."),
    )
    reason = forms.CharField(label=_("Reason"), max_length=500, help_text=_("Kept in the change log."))
