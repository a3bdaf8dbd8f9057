from django import forms
from django.utils.translation import gettext_lazy as _

from registry.forms import ServiceForm
from registry.tokens.services import LONGEST_DAYS


class TokenForm(ServiceForm):
    name = forms.CharField(label=_("Name"), max_length=60, help_text=_("The program or machine that will use it."))
    days = forms.IntegerField(label=_("Valid for (days)"), initial=90, min_value=1, max_value=LONGEST_DAYS)
    scopes = forms.CharField(
        label=_("Scopes"),
        max_length=500,
        required=False,
        help_text=_(
            "What it may do, for example “system/Observation.cruds system/Patient.rs”. Empty: all that you may do."
        ),
    )
