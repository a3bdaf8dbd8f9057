from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from registry.forms import ServiceForm


class RegisterForm(ServiceForm):
    title = forms.CharField(label=_("Title"), max_length=160)
    code = forms.SlugField(
        label=_("Short name"),
        max_length=40,
        required=False,
        help_text=_("Made from the title if left empty. One that is known gets its next version."),
    )
    reason = forms.CharField(label=_("What it is for"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not given.get("code") and not self.errors:
            given["code"] = slugify(given["title"])[:40].strip("-") or "score"
        return given
