from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from labs.blots.forms import FileForm
from labs.ihc.access import visible_stains
from labs.markers.models import Marker, Stain
from labs.quantified.patterns import PatternRefused, compiled
from labs.rounds.blinding import blinded_markers
from registry.forms import ServiceForm
from registry.people.models import User


class ExportForm(FileForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].label = _("QuPath measurements (TSV or CSV)")


class StoreForm(ServiceForm):
    """What the file does not say."""

    pattern = forms.CharField(
        label=_("Images are named"),
        max_length=120,
        initial="{specimen}_{marker}",
        help_text=_("With {specimen} and {marker}, such as {specimen}_{marker}; the ending does not matter."),
    )
    scorer = forms.CharField(label=_("Scored by"), max_length=80)
    classifier = forms.CharField(
        label=_("Classifier and its version"), max_length=50, help_text=_("It becomes the name of the reader.")
    )
    script = forms.CharField(label=_("Script"), max_length=120, required=False)

    def clean_pattern(self) -> str:
        written = str(self.cleaned_data["pattern"]).strip()
        try:
            compiled(written)
        except PatternRefused as refused:
            raise ValidationError(str(refused)) from refused
        return written


class AssignForm(ServiceForm):
    specimen = forms.CharField(label=_("Specimen code"), max_length=60)
    marker = forms.ModelChoiceField(label=_("Marker"), queryset=Marker.objects.none())
    reason = forms.CharField(label=_("How you know"), max_length=500, help_text=_("Kept in the change log."))
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        markers = Marker.objects.filter(retired_reason="").exclude(code__in=blinded_markers(user))
        self.fields["marker"].queryset = markers  # type: ignore[attr-defined]  # a ModelChoiceField

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if {"specimen", "marker"} <= cleaned.keys():
            cleaned["stain"] = self._stain(str(cleaned["specimen"]).strip(), cleaned["marker"])
        return cleaned

    def _stain(self, code: str, marker: Marker) -> Stain:
        found = visible_stains(self.user).filter(specimen__code=code, marker=marker).first()
        if found is None:
            raise ValidationError({"specimen": _("There is no stain of this specimen for this marker.")})
        return found
