from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.clinical.liver.child_pugh import child_pugh_class
from registry.cohorts.models import Cohort, EventKind
from registry.dates import not_in_the_future
from registry.log.facts import Fact
from registry.log.recording import StreamKey
from registry.patients.models import Enrolment, EnrolmentFact, PatientFact


class Precision(models.TextChoices):
    DAY = "day", _("day")
    MONTH = "month", _("month")
    YEAR = "year", _("year")


class Treatment(PatientFact):
    class Kind(models.TextChoices):
        RESECTION = "resection", _("Resection")
        ICI = "ici", _("Immune-checkpoint inhibitor")
        TARGETED = "targeted", _("Targeted therapy")
        HAIC = "haic", _("HAIC")
        TACE = "tace", _("TACE")
        ABLATION = "ablation", _("Ablation")
        RADIOTHERAPY = "radiotherapy", _("Radiotherapy")
        OTHER = "other", _("Other")

    domain = "treatments"
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    agent = models.CharField(_("agent"), max_length=80, blank=True)
    start = models.DateField(_("start"), validators=[not_in_the_future])
    start_precision = models.CharField(
        _("precision of the start"), max_length=5, choices=Precision.choices, default=Precision.DAY
    )
    end = models.DateField(_("end"), null=True, blank=True)

    class Meta:
        ordering = ("start", "id")
        default_related_name = "treatments"
        verbose_name = _("treatment")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(end__isnull=True) | models.Q(end__gte=models.F("start")),
                name="treatment_ends_after_start",
                violation_error_message=_("The end lies before the start."),
            ),
            models.UniqueConstraint(
                fields=["patient", "kind", "agent", "start"],
                condition=models.Q(retired_reason=""),
                name="treatment_once",
                violation_error_message=_("This treatment is already recorded."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.start}"


class MRecist(models.TextChoices):
    CR = "CR", _("CR")
    PR = "PR", _("PR")
    SD = "SD", _("SD")
    PD = "PD", _("PD")
    NE = "NE", _("not evaluable")


class Assessment(PatientFact):
    """Imaging with its mRECIST category."""

    domain = "response"
    day = models.DateField(_("date"), validators=[not_in_the_future])
    method = models.CharField(_("method"), max_length=40, blank=True)
    mrecist = models.CharField(_("mRECIST"), max_length=2, choices=MRecist.choices)

    class Meta:
        ordering = ("day", "id")
        default_related_name = "assessments"
        verbose_name = _("response assessment")
        constraints = [
            models.CheckConstraint(condition=models.Q(mrecist__in=MRecist.values), name="mrecist_known"),
            models.UniqueConstraint(
                fields=["patient", "day", "method"],
                condition=models.Q(retired_reason=""),
                name="assessment_once",
                violation_error_message=_("An assessment of this day by this method is already recorded."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mrecist} {self.day}"


class ReportedResponse(EnrolmentFact):
    """A response taken over from a source, with the definition that the source used."""

    domain = "response"
    is_responder = models.BooleanField(_("responder"))
    definition = models.CharField(_("definition"), max_length=200)

    class Meta:
        default_related_name = "reported_responses"
        verbose_name = _("reported response")
        constraints = [models.UniqueConstraint(fields=["enrolment"], name="reported_response_once")]

    def __str__(self) -> str:
        return str(_("responder") if self.is_responder else _("non-responder"))


class FollowUp(PatientFact):
    class Mode(models.TextChoices):
        VISIT = "visit", _("Clinic visit")
        TELEPHONE = "telephone", _("Telephone")
        RECORD = "record", _("Record review")

    domain = "outcomes"
    day = models.DateField(_("date"), validators=[not_in_the_future])
    mode = models.CharField(_("mode"), max_length=10, choices=Mode.choices, default=Mode.VISIT)
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        ordering = ("day", "id")
        default_related_name = "follow_ups"
        verbose_name = _("follow-up contact")
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "day", "mode"],
                condition=models.Q(retired_reason=""),
                name="follow_up_once",
                violation_error_message=_("This contact is already recorded."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_mode_display()} {self.day}"


class OutcomeEvent(PatientFact):
    domain = "outcomes"
    kind = models.CharField(_("kind"), max_length=12, choices=EventKind.choices)
    day = models.DateField(_("date"), validators=[not_in_the_future])
    precision = models.CharField(_("precision"), max_length=5, choices=Precision.choices, default=Precision.DAY)
    method = models.CharField(_("found by / cause"), max_length=80, blank=True)

    class Meta:
        ordering = ("day", "id")
        default_related_name = "outcome_events"
        verbose_name = _("outcome event")
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=EventKind.values), name="event_kind_known"),
            models.UniqueConstraint(
                fields=["patient"],
                condition=models.Q(kind="death", retired_reason=""),
                name="death_once",
                violation_error_message=_("The death of this patient is already recorded."),
            ),
            models.UniqueConstraint(
                fields=["patient", "kind", "day"],
                condition=models.Q(retired_reason=""),
                name="event_once",
                violation_error_message=_("This event is already recorded."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.day}"


class ImportedTime(EnrolmentFact):
    """A time to event that came as months without dates: it stays so, and is marked wherever it is used."""

    domain = "outcomes"
    endpoint = models.CharField(_("endpoint"), max_length=10)
    months = models.FloatField(_("months"), validators=[MinValueValidator(0.0)])
    is_event = models.BooleanField(_("event"))

    class Meta:
        default_related_name = "imported_times"
        verbose_name = _("imported time")
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "endpoint"], name="imported_time_once"),
            models.CheckConstraint(condition=models.Q(months__gte=0), name="imported_time_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.endpoint} {self.months:g} months"


class ChildPugh(models.TextChoices):
    A = "A", "A"
    B = "B", "B"
    C = "C", "C"


class Bclc(models.TextChoices):
    ZERO = "0", "0"
    A = "A", "A"
    B = "B", "B"
    C = "C", "C"
    D = "D", "D"


class Stage(models.TextChoices):
    I = "I", "I"  # noqa: E741  # the name of the stage
    II = "II", "II"
    III = "III", "III"
    IV = "IV", "IV"


class Ascites(models.TextChoices):
    NONE = "none", _("none")
    SLIGHT = "slight", _("slight")
    MODERATE = "moderate", _("moderate or severe")


class Encephalopathy(models.TextChoices):
    NONE = "none", _("none")
    MILD = "1-2", _("grade 1–2")
    SEVERE = "3-4", _("grade 3–4")


class Hepatitis(models.TextChoices):
    NONE = "none", _("none")
    HBV = "HBV", "HBV"
    HCV = "HCV", "HCV"
    BOTH = "both", _("HBV and HCV")


class Baseline(Fact):
    """The patient at the index event of one cohort. Blank means not known, never no."""

    domain = "baseline"
    enrolment = models.OneToOneField(Enrolment, on_delete=models.PROTECT, related_name="baseline", editable=False)
    age = models.FloatField(
        _("age (years)"), null=True, blank=True, validators=[MinValueValidator(0.0), MaxValueValidator(120.0)]
    )
    ecog = models.PositiveSmallIntegerField(_("ECOG"), null=True, blank=True, validators=[MaxValueValidator(4)])
    child_pugh = models.CharField(_("Child–Pugh class"), max_length=1, choices=ChildPugh.choices, blank=True)
    child_pugh_score = models.PositiveSmallIntegerField(
        _("Child–Pugh score"),
        null=True,
        blank=True,
        validators=[MinValueValidator(5), MaxValueValidator(15)],
    )
    bclc = models.CharField(_("BCLC"), max_length=1, choices=Bclc.choices, blank=True)
    stage = models.CharField(_("TNM stage"), max_length=3, choices=Stage.choices, blank=True)
    grade = models.PositiveSmallIntegerField(
        _("grade (Edmondson 1–4)"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(4)]
    )
    mvi = models.BooleanField(_("microvascular invasion"), null=True, blank=True)
    afp = models.FloatField(_("AFP (ng/mL)"), null=True, blank=True, validators=[MinValueValidator(0.0)])
    hepatitis = models.CharField(_("viral hepatitis"), max_length=4, choices=Hepatitis.choices, blank=True)
    cirrhosis = models.BooleanField(_("cirrhosis"), null=True, blank=True)
    tumour_size_cm = models.FloatField(
        _("largest tumour (cm)"), null=True, blank=True, validators=[MinValueValidator(0.0), MaxValueValidator(50.0)]
    )
    multiple_tumours = models.BooleanField(_("multiple tumours"), null=True, blank=True)
    tumour_count = models.PositiveSmallIntegerField(
        _("number of tumours"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(200)]
    )
    vascular_invasion = models.BooleanField(_("macrovascular invasion"), null=True, blank=True)
    extrahepatic_spread = models.BooleanField(_("extrahepatic spread"), null=True, blank=True)
    ascites = models.CharField(_("ascites"), max_length=8, choices=Ascites.choices, blank=True)
    encephalopathy = models.CharField(_("encephalopathy"), max_length=4, choices=Encephalopathy.choices, blank=True)
    hcc_confirmed = models.BooleanField(_("HCC confirmed"), null=True, blank=True)
    tumour_tissue = models.BooleanField(_("tumour tissue after surgery"), null=True, blank=True)
    measurable_lesion = models.BooleanField(_("measurable lesion (RECIST 1.1)"), null=True, blank=True)
    prior_immunosuppression = models.BooleanField(_("systemic immunosuppression before"), null=True, blank=True)
    other_malignancy = models.BooleanField(_("another malignant tumour"), null=True, blank=True)
    autoimmune_on_steroids = models.BooleanField(_("active autoimmune disease on steroids"), null=True, blank=True)

    class Meta:
        verbose_name = _("baseline")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(age__isnull=True) | models.Q(age__range=(0, 120)), name="age_range"
            ),
            models.CheckConstraint(
                condition=models.Q(afp__isnull=True) | models.Q(afp__gte=0), name="afp_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment.patient} baseline"

    def clean(self) -> None:
        expected = child_pugh_class(self.child_pugh_score)
        wrong: dict[str, object] = {}
        if expected and self.child_pugh and self.child_pugh != expected:
            wrong["child_pugh"] = _("A score of %(score)s is class %(class)s.") % {
                "score": self.child_pugh_score,
                "class": expected,
            }
        are_known = None not in (self.tumour_count, self.multiple_tumours)
        if are_known and (self.tumour_count != 1) != self.multiple_tumours:
            wrong["tumour_count"] = _("The number of tumours contradicts “multiple tumours”.")
        if wrong:
            raise ValidationError(wrong)

    def streams(self) -> Iterable[StreamKey]:
        return [(self.enrolment.cohort_id, self.domain)]

    def log_code(self) -> str:
        return self.enrolment.patient.study_number


class ExtraVariable(Fact):
    """The dictionary of a cohort's own variables."""

    class Type(models.TextChoices):
        NUMBER = "number", _("number")
        CATEGORY = "category", _("category")
        BOOLEAN = "boolean", _("yes/no")
        TEXT = "text", _("text")

    cohort = models.ForeignKey(
        Cohort, on_delete=models.PROTECT, related_name="extra_variables", verbose_name=_("cohort")
    )
    code = models.CharField(_("code"), max_length=40)
    label = models.CharField(_("label"), max_length=120)
    type = models.CharField(_("type"), max_length=10, choices=Type.choices)
    unit = models.CharField(_("unit"), max_length=30, blank=True)
    # {"0": "negative", "1": "positive"}: what a stored code means
    levels = models.JSONField(_("codes"), default=dict, blank=True)

    class Meta:
        ordering = ("cohort", "code")
        verbose_name = _("extra variable")
        constraints = [models.UniqueConstraint(fields=["cohort", "code"], name="extra_variable_once")]

    def __str__(self) -> str:
        return self.label

    def streams(self) -> Iterable[StreamKey]:
        return [(self.cohort_id, "definition")]

    def log_code(self) -> str:
        return f"{self.cohort.code}/{self.code}"


class ExtraValue(EnrolmentFact):
    variable = models.ForeignKey(ExtraVariable, on_delete=models.PROTECT, verbose_name=_("variable"))
    number = models.FloatField(_("number"), null=True, blank=True)
    text = models.CharField(_("text"), max_length=200, blank=True)

    class Meta:
        default_related_name = "extra_values"
        verbose_name = _("extra value")
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "variable"], name="extra_value_once"),
            models.CheckConstraint(
                condition=models.Q(number__isnull=False) | ~models.Q(text=""), name="extra_value_not_empty"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.variable.code} = {self.value}"

    @property
    def value(self) -> float | str | None:
        return self.number if self.variable.type == ExtraVariable.Type.NUMBER else self.text

    def clean(self) -> None:
        kind = self.variable.type
        if kind == ExtraVariable.Type.NUMBER and self.number is None:
            raise ValidationError({"number": _("%(label)s is a number.") % {"label": self.variable.label}})
        if kind in (ExtraVariable.Type.CATEGORY, ExtraVariable.Type.BOOLEAN) and self.text not in self.variable.levels:
            known = ", ".join(self.variable.levels)
            raise ValidationError({"text": _("%(value)s is none of %(known)s.") % {"value": self.text, "known": known}})

    def streams(self) -> Iterable[StreamKey]:
        return [(self.enrolment.cohort_id, f"extra/{self.variable.code}")]
