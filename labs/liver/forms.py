"""The components of Child–Pugh and BCLC on one form: from blood and the baseline, or typed over."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from labs.blood.values import ValueRefused, parse_value
from labs.forms import NumberField
from labs.liver.components import Component
from registry.clinical.liver.bclc import Tumours
from registry.clinical.liver.computing import Inputs, Measured
from registry.clinical.liver.models import LiverAssessment
from registry.clinical.liver.quantities import Quantity
from registry.clinical.liver.services import Decision
from registry.clinical.models import Ascites, Baseline, Bclc, ChildPugh, Encephalopathy
from registry.forms import ServiceForm
from registry.log.facts import StaleWrite

_YES_NO = [("", "—"), ("yes", gettext_lazy("yes")), ("no", gettext_lazy("no"))]
MEASURED = ("bilirubin", "albumin", "clotting")


class QuantityField(forms.CharField):
    """A number, with < or > before it when the report has one."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "class": "short"})
        super().__init__(widget=widget, max_length=30, **kwargs)

    def clean(self, value: Any) -> Any:
        try:
            parsed = parse_value(super().clean(value))
        except ValueRefused as refused:
            raise ValidationError(str(refused)) from refused
        if parsed.number is None:
            raise ValidationError(_("Give a number."))
        return parsed


def _flag(label: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label, choices=_YES_NO, required=False, coerce=lambda text: text == "yes", empty_value=None
    )


class LiverForm(ServiceForm):
    bilirubin = QuantityField(label=gettext_lazy("Bilirubin, total"))
    bilirubin_unit = forms.ChoiceField(
        label=gettext_lazy("Unit of the bilirubin"), choices=[("umol/L", "µmol/L"), ("mg/dL", "mg/dL")]
    )
    albumin = QuantityField(label=gettext_lazy("Albumin"))
    albumin_unit = forms.ChoiceField(
        label=gettext_lazy("Unit of the albumin"), choices=[("g/L", "g/L"), ("g/dL", "g/dL")]
    )
    clotting = QuantityField(label=gettext_lazy("INR, or prolongation of the prothrombin time"))
    clotting_unit = forms.ChoiceField(
        label=gettext_lazy("Clotting is given as"),
        choices=[("INR", "INR"), ("s", gettext_lazy("seconds over the control"))],
    )
    ascites = forms.ChoiceField(label=gettext_lazy("Ascites"), choices=[("", "—"), *Ascites.choices])
    encephalopathy = forms.ChoiceField(
        label=gettext_lazy("Encephalopathy"), choices=[("", "—"), *Encephalopathy.choices]
    )
    ecog = forms.TypedChoiceField(
        label=gettext_lazy("ECOG performance status"),
        choices=[("", "—"), *((str(n), str(n)) for n in range(5))],
        required=False,
        coerce=int,
        empty_value=None,
    )
    tumour_count = forms.IntegerField(
        label=gettext_lazy("Number of tumours"), required=False, min_value=1, max_value=200
    )
    tumour_size_cm = NumberField(label=gettext_lazy("Largest tumour (cm)"), required=False)
    vascular_invasion = _flag(gettext_lazy("Macrovascular invasion"))
    extrahepatic_spread = _flag(gettext_lazy("Extrahepatic spread"))
    child_pugh = forms.ChoiceField(
        label=gettext_lazy("Child–Pugh class decided otherwise"),
        choices=[("", gettext_lazy("as computed")), *ChildPugh.choices],
        required=False,
    )
    child_pugh_why = forms.CharField(label=gettext_lazy("Why another Child–Pugh class"), max_length=300, required=False)
    bclc = forms.ChoiceField(
        label=gettext_lazy("BCLC stage decided otherwise"),
        choices=[("", gettext_lazy("as computed")), *Bclc.choices],
        required=False,
    )
    bclc_why = forms.CharField(label=gettext_lazy("Why another BCLC stage"), max_length=300, required=False)
    replaces_typed = forms.BooleanField(label=gettext_lazy("Replace the recorded classes that differ"), required=False)
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=500, required=False, help_text=gettext_lazy("Kept in the change log.")
    )
    seen_assessment = forms.IntegerField(widget=forms.HiddenInput, required=False)
    seen_baseline = forms.IntegerField(widget=forms.HiddenInput, required=False)

    GROUPS = (
        (
            gettext_lazy("Blood"),
            ("bilirubin", "bilirubin_unit", "albumin", "albumin_unit", "clotting", "clotting_unit"),
        ),
        (gettext_lazy("Clinical signs"), ("ascites", "encephalopathy", "ecog")),
        (gettext_lazy("Tumour"), ("tumour_count", "tumour_size_cm", "vascular_invasion", "extrahepatic_spread")),
        (
            gettext_lazy("Decided otherwise"),
            ("child_pugh", "child_pugh_why", "bclc", "bclc_why", "replaces_typed", "reason"),
        ),
    )

    def __init__(
        self,
        data: Any,
        *,
        blood: dict[str, Component],
        baseline: Baseline | None,
        known: LiverAssessment | None,
    ) -> None:
        super().__init__(data)
        self.blood, self.baseline, self.known = blood, baseline, known
        self.initial = _from_baseline(baseline) | self._from_blood() | _from_known(known)
        self.initial |= {
            "seen_assessment": known.version if known else 0,
            "seen_baseline": baseline.version if baseline else 0,
        }
        for name in MEASURED:
            self.fields[name].help_text = blood[name].note

    def groups(self) -> list[tuple[Any, list[forms.BoundField]]]:
        return [(title, [self[name] for name in names]) for title, names in self.GROUPS]

    def _from_blood(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, component in self.blood.items():
            if component.measured is not None:
                quantity = component.measured.quantity
                found |= {name: f"{quantity.comparator}{quantity.value:.10g}", f"{name}_unit": quantity.unit}
        return found

    def inputs(self) -> Inputs:
        data = self.cleaned_data
        return Inputs(
            bilirubin=self._measured("bilirubin"),
            albumin=self._measured("albumin"),
            clotting=self._measured("clotting"),
            ascites=data["ascites"],
            encephalopathy=data["encephalopathy"],
            ecog=data["ecog"],
            tumours=Tumours(
                data["tumour_count"], data["tumour_size_cm"], data["vascular_invasion"], data["extrahepatic_spread"]
            ),
            child_pugh_override=data["child_pugh"],
        )

    def _measured(self, name: str) -> Measured:
        """The stored result when the field still holds it; what was typed over it is typed."""
        parsed, unit = self.cleaned_data[name], self.cleaned_data[f"{name}_unit"]
        quantity = Quantity(float(parsed.number), unit, parsed.comparator)
        stored = self.blood[name].measured
        return stored if stored is not None and stored.quantity == quantity else Measured(quantity)

    def decision(self) -> Decision:
        data = self.cleaned_data
        names = ("child_pugh", "child_pugh_why", "bclc", "bclc_why", "replaces_typed")
        return Decision(**{name: data[name] for name in names})

    def show_stale(self, stale: StaleWrite) -> None:
        """What is stored now is in the sentence; saving once more is then a decision."""
        super().show_stale(stale)
        self.type_over(
            seen_assessment=self.known.version if self.known else 0,
            seen_baseline=self.baseline.version if self.baseline else 0,
        )


def _from_baseline(baseline: Baseline | None) -> dict[str, Any]:
    if baseline is None:
        return {}
    names = ("ascites", "encephalopathy", "ecog", "tumour_count", "tumour_size_cm")
    found = {name: getattr(baseline, name) for name in names if getattr(baseline, name) not in (None, "")}
    if baseline.tumour_count is None and baseline.multiple_tumours is False:
        found["tumour_count"] = 1
    flags = {name: getattr(baseline, name) for name in ("vascular_invasion", "extrahepatic_spread")}
    return found | {name: "yes" if value else "no" for name, value in flags.items() if value is not None}


def _from_known(known: LiverAssessment | None) -> dict[str, Any]:
    """What was typed last time; what came from blood is read from blood anew."""
    if known is None:
        return {}
    found: dict[str, Any] = {
        "child_pugh": known.child_pugh_override,
        "child_pugh_why": known.child_pugh_why,
        "bclc": known.bclc_override,
        "bclc_why": known.bclc_why,
    }
    for row in known.inputs:
        if row["name"] in MEASURED and not row["fact"]:
            found |= {row["name"]: f"{row['comparator']}{row['value']:.10g}", f"{row['name']}_unit": row["unit"]}
    return found
