from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from labs.markers.models import Antibody, Marker
from labs.specimens.models import Specimen, SpecimenKind
from registry.forms import DayInput, FactForm, ServiceForm
from registry.patients.access import visible_patients
from registry.patients.models import Patient
from registry.people.models import User


class SpecimenForm(FactForm):
    class Meta:
        model = Specimen
        fields = ("code", "kind", "timing", "collected", "precision")
        widgets = {"collected": DayInput}
        help_texts = {"collected": _("Leave it out only when the specimen is declared as baseline without a date.")}


class NewSpecimenForm(SpecimenForm):
    study_number = forms.CharField(label=_("Study number of the patient"), max_length=40)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.order_fields(["study_number"])

    def clean_study_number(self) -> Patient:
        patient = visible_patients(self.user).filter(study_number=self.cleaned_data["study_number"].strip()).first()
        if patient is None:
            raise ValidationError(_("There is no patient with this study number."))
        return patient


class StainForm(ServiceForm):
    marker = forms.ModelChoiceField(label=_("Marker"), queryset=Marker.objects.filter(retired_reason=""))
    antibody = forms.ModelChoiceField(
        label=_("Antibody"),
        required=False,
        queryset=Antibody.objects.filter(retired_reason="", method=Antibody.Method.IHC).select_related("marker"),
    )
    stained_on = forms.DateField(label=_("Stained on"), required=False, widget=DayInput)


class SpecimenFilter(forms.Form):
    q = forms.CharField(label=_("Specimen or patient"), required=False, widget=forms.SearchInput)
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("all")), *SpecimenKind.choices])
    state = forms.ChoiceField(
        label=_("Results"),
        required=False,
        choices=[("", _("all")), ("none", _("nothing measured yet")), ("some", _("something measured"))],
    )

    def chosen(self) -> dict[str, str]:
        if not self.is_valid():
            return {}
        return {name: str(value).strip() for name, value in self.cleaned_data.items() if value}
