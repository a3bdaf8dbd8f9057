from django import forms
from django.utils.translation import gettext_lazy as _

from registry.forms import ServiceForm


class AcknowledgeForm(ServiceForm):
    comment = forms.CharField(
        label=_("Comment"), max_length=500, help_text=_("What you make of it; kept in the change log.")
    )
