from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from registry.cohorts.access import visible_cohorts, visible_sites
from registry.cohorts.models import Cohort
from registry.dates import not_in_the_future
from registry.forms import DayInput, FactForm, ServiceForm
from registry.patients.models import Enrolment, Patient, PatientIdentity, Sex
from registry.people.models import Site, User

IDENTITY_FIELDS = ["name", "record_number", "birth_date", "phone"]


class PatientForm(FactForm):
    class Meta:
        model = Patient
        fields = ["sex"]


class IdentityForm(FactForm):
    class Meta:
        model = PatientIdentity
        fields = IDENTITY_FIELDS
        widgets = {"birth_date": DayInput}


class IndexDateForm(FactForm):
    class Meta:
        model = Enrolment
        fields = ["index_date"]
        widgets = {"index_date": DayInput}


class WithdrawForm(ServiceForm):
    version = forms.IntegerField(widget=forms.HiddenInput)
    withdrawn_on = forms.DateField(label=_("Withdrawn on"), widget=DayInput, validators=[not_in_the_future])
    withdrawal_reason = forms.CharField(label=_("Reason"), max_length=300)


class EnrolForm(ServiceForm):
    cohort = forms.ModelChoiceField(label=_("Cohort"), queryset=Cohort.objects.none(), to_field_name="code")
    index_date = forms.DateField(label=_("Date of the index event"), widget=DayInput, required=False)

    def __init__(self, *args: Any, user: User, patient: Patient | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        taken = Enrolment.objects.filter(patient=patient).values_list("cohort", flat=True)
        self.fields["cohort"].queryset = visible_cohorts(user).exclude(pk__in=taken)  # type: ignore[attr-defined]  # a model choice


class NewPatientForm(EnrolForm):
    """A patient, who that is (optional) and the first cohort, in one go."""

    field_order = ["study_number", "site", "sex", "cohort", "index_date"]

    study_number = forms.CharField(label=_("Study number"), max_length=40)
    site = forms.ModelChoiceField(label=_("Site"), queryset=Site.objects.none(), to_field_name="code")
    sex = forms.ChoiceField(label=_("Sex"), choices=Sex.choices, initial=Sex.UNKNOWN)
    name = forms.CharField(label=_("Name"), max_length=120, required=False)
    record_number = forms.CharField(label=_("Medical record number"), max_length=60, required=False)
    birth_date = forms.DateField(label=_("Date of birth"), widget=DayInput, required=False)
    phone = forms.CharField(label=_("Telephone"), max_length=40, required=False)
    is_somebody_else = forms.BooleanField(label=_("I have compared: this is somebody else."), required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.fields["site"].queryset = visible_sites(user)  # type: ignore[attr-defined]  # a model choice
        self.fields["cohort"].required = False

    def clean_study_number(self) -> str:
        """A number that is taken is no question of whom it resembles."""
        number: str = self.cleaned_data["study_number"]
        if Patient.objects.filter(study_number=number).exists():
            raise forms.ValidationError(_("This study number is taken."))
        return number

    @property
    def identity(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in IDENTITY_FIELDS}


class PatientFilter(forms.Form):
    """The filters above the list of patients; a value that makes no sense is as good as none."""

    HAS_EVENT = [("", _("any")), ("yes", _("yes")), ("no", _("no"))]

    q = forms.CharField(required=False)
    cohort = forms.ModelChoiceField(Cohort.objects.none(), required=False, to_field_name="code")
    eligibility = forms.ChoiceField(choices=[("", ""), *Enrolment.Eligibility.choices], required=False)
    sex = forms.ChoiceField(choices=[("", ""), *Sex.choices], required=False)
    event = forms.ChoiceField(choices=HAS_EVENT, required=False)
    overdue = forms.BooleanField(required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cohort"].queryset = visible_cohorts(user)  # type: ignore[attr-defined]  # a model choice

    def chosen(self) -> dict[str, Any]:
        self.is_valid()
        return dict(self.cleaned_data)
