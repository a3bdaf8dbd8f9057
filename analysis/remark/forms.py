from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from analysis.remark.models import RemarkNote
from registry.forms import VersionedForm


class RemarkNoteForm(VersionedForm):
    text = forms.CharField(
        label=_("What the report is to say"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("Printed as it stands. No name and no number of a patient."),
    )

    field_order = ("text",)

    def __init__(self, *args: Any, instance: RemarkNote, **kwargs: Any) -> None:
        self.instance = instance
        kwargs["initial"] = {"text": "" if instance.retired_reason else instance.text}
        super().__init__(*args, **kwargs)
        self.prepare()
