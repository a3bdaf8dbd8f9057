from django import forms
from django.utils.translation import gettext_lazy as _

from registry.forms import ServiceForm


class SnapshotForm(ServiceForm):
    name = forms.CharField(label=_("Name"), max_length=60, help_text=_("It is cited, so it is never used twice."))
    purpose = forms.CharField(
        label=_("Purpose"), max_length=300, help_text=_("What the data are frozen for, e.g. the analysis of a paper.")
    )
    accept_stale = forms.BooleanField(
        label=_("Take answers that are not up to date as they are; they are marked so"), required=False
    )


class RetirementForm(ServiceForm):
    reason = forms.CharField(label=_("Why it must not be used any more"), max_length=500)
