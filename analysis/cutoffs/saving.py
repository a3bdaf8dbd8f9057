"""What is asked of whoever keeps a cutoff."""

from django import forms
from django.utils.translation import gettext_lazy


class SaveForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Why this cutoff"), max_length=500, widget=forms.Textarea({"rows": 2}))
