"""How the chosen plot is looked at; the same words in the address of the page and of its files."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from analysis.charts.km_dressing import dressed
from analysis.kinds.base import Figure

LONGEST = 1200  # months


class OptionsForm(forms.Form):
    at = forms.FloatField(
        label=_("Line at"), required=False, min_value=0, max_value=LONGEST, widget=forms.NumberInput({"step": "any"})
    )
    band = forms.ChoiceField(label=_("95% band"), required=False, choices=[("", _("shown")), ("off", _("hidden"))])


@dataclass(frozen=True)
class Options:
    bands: bool = True
    landmark: float | None = None

    def query(self) -> dict[str, str]:
        found = {} if self.bands else {"band": "off"}
        return found if self.landmark is None else found | {"at": f"{self.landmark:g}"}

    def of(self, figure: Figure) -> dict[str, Any]:
        if figure.name != "km":
            return figure.spec
        return dressed(figure.spec, bands=self.bands, landmark=self.landmark)


def options_form(query: QueryDict) -> tuple[OptionsForm, Options]:
    """What makes no sense is said beside its field and draws nothing."""
    form = OptionsForm(query)
    form.is_valid()
    found = form.cleaned_data
    return form, Options(bands=found.get("band") != "off", landmark=found.get("at"))
