from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from labs.blots.models import Band, Gel, GelProbe, Lane, LaneExclusion
from labs.blots.pictures import MAX_BYTES as MAX_PICTURE
from labs.formats.recognise import MAX_BYTES
from labs.markers.models import Antibody, Marker
from labs.rounds.blinding import blinded_markers
from labs.specimens.access import visible_specimens
from labs.specimens.models import Specimen
from registry.forms import DayInput, FactForm, ServiceForm
from registry.people.models import User


class FileForm(ServiceForm):
    file = forms.FileField(label=_("File"), allow_empty_file=True)
    largest = MAX_BYTES

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > self.largest:
            raise ValidationError(_("The file is larger than %(n)s MB.") % {"n": self.largest // 1024 // 1024})
        return file


class DensitometryForm(FileForm):
    largest = 5 * 1024 * 1024  # a table of bands is small, and a larger file would keep the server busy

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].label = _("Densitometry file (CSV, text, XLS or XLSX)")


class PictureForm(FileForm):
    largest = MAX_PICTURE

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].label = _("Picture of the blot (PNG, JPEG or TIFF)")


class StoreForm(ServiceForm):
    code = forms.CharField(
        label=_("Gel"), max_length=60, help_text=_("The code of a gel that is there already adds the file to it.")
    )
    made_on = forms.DateField(label=_("Blotted on"), required=False, widget=DayInput)


class GelForm(FactForm):
    class Meta:
        model = Gel
        fields = ("made_on", "percent", "membrane", "detection", "background", "saturated_at", "when_saturated")
        widgets = {"made_on": DayInput}


class ProbeForm(FactForm):
    class Meta:
        model = GelProbe
        fields = (
            "role",
            "marker",
            "antibody",
            "protein",
            "primary_vendor",
            "primary_dilution",
            "primary_lot",
            "secondary_vendor",
            "secondary_dilution",
            "secondary_lot",
        )
        labels = {
            "primary_dilution": _("Primary antibody of the control, dilution"),
            "primary_lot": _("Primary antibody of the control, lot"),
            "secondary_dilution": _("Secondary antibody, dilution"),
            "secondary_lot": _("Secondary antibody, lot"),
        }

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        western = Antibody.objects.filter(retired_reason="", method=Antibody.Method.WESTERN).select_related("marker")
        blinded = blinded_markers(user)
        markers = Marker.objects.filter(retired_reason="")
        offered = {"antibody": western.exclude(marker__code__in=blinded), "marker": markers.exclude(code__in=blinded)}
        for name, rows in offered.items():
            self.fields[name].queryset = rows  # type: ignore[attr-defined]  # both are ModelChoiceFields


class BandForm(FactForm):
    class Meta:
        model = Band
        fields = ("volume", "adjusted", "background", "area", "is_saturated")


class LaneForm(ServiceForm):
    content = forms.ChoiceField(label=_("The lane holds"), choices=Lane.Content.choices)
    specimen = forms.CharField(label=_("Specimen code"), required=False, max_length=60)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_specimen(self) -> Specimen | None:
        code = self.cleaned_data["specimen"].strip()
        if not code:
            return None
        found = visible_specimens(self.user).filter(code=code).first()
        if found is None:
            raise ValidationError(_("There is no specimen of this code."))
        return found


class ExclusionForm(ServiceForm):
    exclusion = forms.ChoiceField(label=_("Left out because"), choices=LaneExclusion.choices)
    note = forms.CharField(label=_("Note"), required=False, max_length=300)
    version = forms.IntegerField(widget=forms.HiddenInput)


class InclusionForm(ServiceForm):
    reason = forms.CharField(label=_("Reason"), max_length=500, help_text=_("Kept in the change log."))
    version = forms.IntegerField(widget=forms.HiddenInput)


class AcceptForm(ServiceForm):
    replace = forms.BooleanField(label=_("Replace ratios that were entered by hand"), required=False)
    reason = forms.CharField(label=_("Remark"), required=False, max_length=500)
