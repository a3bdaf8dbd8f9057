"""Child–Pugh, ALBI and BCLC of a patient as a member of a cohort, and where they do not agree with what is recorded."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from labs.api.files import Preview
from labs.blood.values import ValueRefused, parse_value
from labs.liver.components import blood_components
from labs.liver.discord import Discord, discords
from labs.liver.forms import MEASURED
from registry.api.endpoints import Computed, Told
from registry.api.enrolments import OfEnrolment
from registry.api.serializers import Entry, FiniteField, Presented, Reasoned, WholeField
from registry.clinical.liver.bclc import Tumours
from registry.clinical.liver.computing import Inputs, compute
from registry.clinical.liver.computing import Measured as Component
from registry.clinical.liver.models import LiverAssessment
from registry.clinical.liver.quantities import Quantity, StagingRefused
from registry.clinical.liver.services import Decision, liver_assess
from registry.clinical.models import Ascites, Baseline, Bclc, ChildPugh, Encephalopathy
from registry.cohorts.access import visible_cohorts
from registry.patients.models import Enrolment
from registry.people.roles import CLINICAL, RECORDING

_UNITS = {"bilirubin": ("umol/L", "mg/dL"), "albumin": ("g/L", "g/dL"), "clotting": ("INR", "s")}


def _quantity(units: tuple[str, ...]) -> type[Entry]:
    fields = {
        "value": serializers.CharField(max_length=30, help_text="As it is written: 41, 12.5 or <0.5."),
        "unit": serializers.ChoiceField([(unit, unit) for unit in units]),
    }
    return type(f"QuantityIn{units[0].replace('/', 'Per')}", (Entry,), fields)


class LiverEntry(Reasoned):
    """What is left out of bilirubin, albumin and clotting is taken from the patient's blood by the window rule."""

    bilirubin = _quantity(_UNITS["bilirubin"])(required=False)
    albumin = _quantity(_UNITS["albumin"])(required=False)
    clotting = _quantity(_UNITS["clotting"])(required=False)
    ascites = serializers.ChoiceField(Ascites.choices)
    encephalopathy = serializers.ChoiceField(Encephalopathy.choices)
    ecog = WholeField(required=False, allow_null=True, min_value=0, max_value=4)
    tumour_count = WholeField(required=False, allow_null=True, min_value=1, max_value=200)
    tumour_size_cm = FiniteField(required=False, allow_null=True, min_value=0, max_value=100)
    vascular_invasion = serializers.BooleanField(required=False, allow_null=True, default=None)
    extrahepatic_spread = serializers.BooleanField(required=False, allow_null=True, default=None)
    child_pugh = serializers.ChoiceField(ChildPugh.choices, required=False, allow_blank=True)
    child_pugh_why = serializers.CharField(required=False, allow_blank=True, max_length=300)
    bclc = serializers.ChoiceField(Bclc.choices, required=False, allow_blank=True)
    bclc_why = serializers.CharField(required=False, allow_blank=True, max_length=300)
    replaces_typed = serializers.BooleanField(default=False, help_text="Replace recorded classes that differ.")
    version = WholeField(min_value=0, max_value=2**31 - 1, help_text="Of the assessment that you saw; 0: none.")
    baseline_version = WholeField(min_value=0, max_value=2**31 - 1, help_text="Of the baseline; 0: none.")


class LiverAssessmentPresenter(Presented):
    class Meta:
        model = LiverAssessment
        fields = (
            "version",
            "inputs",
            "points",
            "score",
            "child_pugh",
            "albi",
            "albi_grade",
            "bclc",
            "bclc_reason",
            "child_pugh_override",
            "child_pugh_why",
            "bclc_override",
            "bclc_why",
        )


class ComponentPresenter(serializers.Serializer[Any]):
    name = serializers.CharField()
    value = serializers.FloatField(source="measured.quantity.value", allow_null=True, default=None)
    comparator = serializers.CharField(source="measured.quantity.comparator", default="")
    unit = serializers.CharField(source="measured.quantity.unit", default="")
    result = serializers.CharField(source="measured.code", default="")
    note = serializers.CharField(help_text="Which result of which draw, or why there is none.")


class ComputedPresenter(serializers.Serializer[Any]):
    points = serializers.DictField(source="child_pugh.points", child=serializers.IntegerField())
    score = serializers.IntegerField(source="child_pugh.score")
    child_pugh = serializers.CharField(source="child_pugh.letter")
    albi = serializers.FloatField(source="albi.score", allow_null=True, default=None)
    albi_grade = serializers.IntegerField(source="albi.grade", allow_null=True, default=None)
    albi_missing = serializers.CharField()
    bclc = serializers.CharField(source="bclc.stage", default="")
    bclc_reason = serializers.CharField(source="bclc.reason", default="")
    bclc_missing = serializers.CharField()


class LiverPresenter(serializers.Serializer[Any]):
    simulated = serializers.BooleanField()
    baseline_version = serializers.IntegerField()
    blood = ComponentPresenter(many=True)
    assessment = LiverAssessmentPresenter(allow_null=True)
    computed = ComputedPresenter(allow_null=True, help_text="Of a preview.")


class LiverOfEnrolment(OfEnrolment):
    """What the stages are computed from and what was stored. Storing writes inputs and classes to the baseline, too."""

    reading = CLINICAL
    writing = RECORDING

    def get(self, request: Request, **kwargs: Any) -> Response:
        return self._shown(self.enrolment())

    def post(self, request: Request, **kwargs: Any) -> Response:
        enrolment = self.enrolment()
        is_preview = Preview.parsed(request.query_params.dict())["preview"]
        given = LiverEntry.parsed(request.data)
        inputs = _inputs(enrolment, given)
        if is_preview:
            try:
                return self._shown(enrolment, compute(inputs))
            except StagingRefused as refused:
                raise ValidationError({refused.name: str(refused)}) from refused
        names = ("child_pugh", "child_pugh_why", "bclc", "bclc_why", "replaces_typed")
        liver_assess(
            enrolment=enrolment,
            inputs=inputs,
            decision=Decision(**{name: given[name] for name in names if name in given}),
            expected_version=given["version"],
            baseline_version=given["baseline_version"],
            by=self.by,
            reason=given.get("reason", ""),
        )
        return self._shown(enrolment)

    def _shown(self, enrolment: Enrolment, computed: Any = None) -> Response:
        baseline = Baseline.objects.filter(enrolment=enrolment).first()
        blood = blood_components(enrolment)
        content = {
            "simulated": enrolment.cohort.is_simulated,
            "baseline_version": baseline.version if baseline else 0,
            "blood": [{"name": name, "measured": blood[name].measured, "note": blood[name].note} for name in MEASURED],
            "assessment": LiverAssessment.objects.filter(enrolment=enrolment, retired_reason="").first(),
            "computed": computed,
        }
        return Response(LiverPresenter(content).data)

    def describe(self, method: str) -> Told:
        if method == "POST":
            return Told("Assess the liver", LiverEntry, LiverPresenter, asks=Preview)
        return Told("Stages of the liver", None, LiverPresenter)


def _inputs(enrolment: Enrolment, given: dict[str, Any]) -> Inputs:
    blood, errors, measured = blood_components(enrolment), {}, {}
    for name in MEASURED:
        stored = blood[name].measured
        try:
            if name in given:
                typed = _typed(given[name])
                measured[name] = stored if stored and stored.quantity == typed else Component(typed)
            elif stored is not None:
                measured[name] = stored
            else:
                errors[name] = [blood[name].note or _("There is no such result in the window: give it here.")]
        except ValueRefused as refused:
            errors[name] = [str(refused)]
    if errors:
        raise ValidationError(errors)
    flags = ("vascular_invasion", "extrahepatic_spread")
    return Inputs(
        **measured,
        ascites=given["ascites"],
        encephalopathy=given["encephalopathy"],
        ecog=given.get("ecog"),
        tumours=Tumours(given.get("tumour_count"), given.get("tumour_size_cm"), *(given[name] for name in flags)),
        child_pugh_override=given.get("child_pugh", ""),
    )


def _typed(given: dict[str, Any]) -> Quantity:
    parsed = parse_value(given["value"])
    if parsed.number is None:
        raise ValueRefused(_("Give a number."))
    return Quantity(float(parsed.number), given["unit"], parsed.comparator)


class DiscordPresenter(serializers.Serializer[Any]):
    patient = serializers.CharField(source="enrolment.patient.study_number")
    cohort = serializers.CharField(source="enrolment.cohort.code")
    enrolment = serializers.IntegerField(source="enrolment.pk")
    simulated = serializers.BooleanField(source="enrolment.cohort.is_simulated")
    sentences = serializers.ListField(child=serializers.CharField())


class DiscordFilters(Entry):
    cohort = serializers.CharField(required=False, max_length=40)


class LiverDiscordant(Computed):
    """Patients whose recorded classes are not what would follow from the recorded facts: a work list."""

    reading = CLINICAL
    presenter = DiscordPresenter
    filters = DiscordFilters

    def found(self, asked: dict[str, Any]) -> list[Discord]:
        code = asked.get("cohort")
        return discords([cohort for cohort in visible_cohorts(self.user) if code in (None, cohort.code)])

    def place(self, row: Discord) -> list[str]:
        return [row.enrolment.cohort.code, row.enrolment.patient.study_number]
