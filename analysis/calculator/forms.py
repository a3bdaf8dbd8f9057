"""One field for each covariate of a model, with the units that its values may be entered in."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from analysis.calculator.calculation import Calculator
from analysis.frames.variables import VariableNameError, parse
from analysis.kinds.design import Covariate
from labs.blood.models import Analyte
from labs.blood.reading import unit_choices
from labs.blood.units import printed

# Beyond it neither a decimal times a factor nor the sum of a score is sure to be a number.
_LARGEST = Decimal(10) ** 30


@dataclass(frozen=True)
class Entry:
    covariate: Covariate
    value: forms.BoundField
    # None where there is one unit only.
    unit: forms.BoundField | None


class PatientForm(forms.Form):
    def __init__(self, calculator: Calculator, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._calculator = calculator
        self._factors: dict[str, dict[str, Decimal]] = {}
        for place, covariate in enumerate(calculator.entered()):
            self.fields[f"value-{place}"] = _field(calculator, covariate)
            if factors := _factors(covariate):
                self._factors[covariate.name] = factors
                names = [(unit, printed(unit)) for unit in factors]
                self.fields[f"unit-{place}"] = forms.ChoiceField(label=_("Unit of %s") % covariate.label, choices=names)

    def entries(self) -> Iterator[Entry]:
        for place, covariate in enumerate(self._calculator.entered()):
            unit = f"unit-{place}"
            yield Entry(covariate, self[f"value-{place}"], self[unit] if unit in self.fields else None)

    def values(self) -> dict[str, float | str]:
        """By covariate, numbers in the units of the model."""
        found: dict[str, float | str] = {}
        for place, covariate in enumerate(self._calculator.entered()):
            value = self.cleaned_data[f"value-{place}"]
            if covariate.levels:
                found[covariate.name] = value
            else:
                factor = self._factors.get(covariate.name, {}).get(self.cleaned_data.get(f"unit-{place}", ""), 1)
                # In decimals: 4.35 g/dL is 43.5 g/L, not 43.49999999999999.
                found[covariate.name] = float(value * factor)
        return found


def _field(calculator: Calculator, covariate: Covariate) -> forms.Field:
    if covariate.levels:
        choices = [("", "—"), *((level.text, level.label) for level in covariate.levels)]
        return forms.ChoiceField(label=covariate.label, choices=choices)
    low, high = calculator.range_of(covariate)
    words = {"low": f"{low:.6g}", "high": f"{high:.6g}", "unit": printed(covariate.unit)}
    help_text = (_("Patients of the model: %(low)s to %(high)s %(unit)s") % words).strip()
    return forms.DecimalField(
        label=covariate.label,
        min_value=-_LARGEST,
        max_value=_LARGEST,
        help_text=help_text,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )


def _factors(covariate: Covariate) -> dict[str, Decimal]:
    """Of an analyte: its unit first, then those that are a multiple of it."""
    try:
        variable = parse(covariate.name)
    except VariableNameError:
        return {}
    analyte = Analyte.objects.filter(code=variable.code).first() if variable.source == "blood" else None
    if analyte is None or covariate.levels:
        return {}
    spelled = [each for each in unit_choices(analyte) if not each.is_log10 and not each.only_with_loinc]
    found = {analyte.unit: Decimal(1)} | {
        each.spelling: Decimal(repr(each.factor)) for each in spelled if each.spelling
    }
    return found if len(found) > 1 else {}
