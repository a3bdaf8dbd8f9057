"""The panel of a draw: one small form for each analyte, saved together or not at all."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from labs.blood.models import Analyte, BloodResult
from labs.blood.reading import Entered, unit_choices
from labs.blood.services import PanelRefused, PanelRow
from labs.blood.units import printed
from labs.forms import RevisionForm
from registry.log.facts import StaleWrite


class RowForm(RevisionForm):
    value = forms.CharField(
        label=_("Value"),
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "short"}),
    )
    unit = forms.ChoiceField(label=_("Unit"), required=False)
    accept_unusual = forms.BooleanField(label=_("The unusual value is right"), required=False)

    def __init__(self, data: Any, *, analyte: Analyte, newest: BloodResult | None) -> None:
        super().__init__(data, newest=newest, prefix=analyte.code)
        self.analyte = analyte
        self.result = newest
        self.fields.pop("reason", None)  # one for the whole panel
        self.loincs = {spelling.spelling: spelling.only_with_loinc for spelling in unit_choices(analyte)}
        self.fields["unit"].choices = _choices(self.loincs, newest)  # type: ignore[attr-defined]  # a ChoiceField
        for name, field in self.fields.items():
            if name in ("value", "unit"):
                field.widget.attrs["aria-label"] = f"{analyte.name}: {field.label}"
        if newest is not None and not newest.is_retracted:
            self.initial.update(
                {
                    "value": newest.entered_value,
                    "unit": newest.entered_unit,
                    "accept_unusual": newest.is_unusual_accepted,
                }
            )

    @property
    def usual(self) -> str:
        low, high = self.analyte.usual_low, self.analyte.usual_high
        if low is None and high is None:
            return ""
        bounds = f"≤ {high:.12g}" if low is None else f"≥ {low:g}" if high is None else f"{low:g}–{high:.12g}"
        return f"{bounds} {printed(self.analyte.unit)}".strip()

    @property
    def asks_for_tick(self) -> bool:
        return bool(self.errors.get("accept_unusual")) or bool(self["accept_unusual"].value())

    @property
    def is_entered(self) -> bool:
        """Something to write: a first value, or one that differs from what is stored."""
        return bool(self.cleaned_data.get("value", "").strip()) and not self.is_untouched()

    def is_untouched(self) -> bool:
        seen = self.seen_row
        shown = ("", None) if seen is None or seen.is_retracted else (seen.entered_value, seen.entered_unit)
        value, unit = self.cleaned_data.get("value", "").strip(), self.cleaned_data.get("unit", "")
        return value == shown[0] and shown[1] in (None, unit)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        # A row that is refused already has no value here; it was not emptied.
        if self.errors or self.is_untouched():
            return cleaned
        if self.result and not self.result.is_retracted and not cleaned.get("value", "").strip():
            raise ValidationError({"value": _("An emptied row takes nothing back: retract the result instead.")})
        return cleaned

    def panel_row(self, reason: str) -> PanelRow:
        unit = self.cleaned_data["unit"]
        entered = Entered(
            value=self.cleaned_data["value"],
            unit=unit,
            loinc=self.loincs.get(unit, ""),
            accept_unusual=self.cleaned_data["accept_unusual"],
        )
        return PanelRow(self.analyte, entered, corrects=self.result, reason=reason)


def _choices(loincs: dict[str, str], newest: BloodResult | None) -> list[tuple[str, str]]:
    choices = [(unit, printed(unit) + (f" (LOINC {loinc})" if loinc else "") or "—") for unit, loinc in loincs.items()]
    # A file may have used a spelling that the form does not offer: it stays what it was.
    if newest is not None and newest.entered_unit not in loincs:
        choices.append((newest.entered_unit, newest.entered_unit or "—"))
    return choices


class PanelForm(forms.Form):
    """Only the reason is its own; the rows carry the values."""

    reason = forms.CharField(
        label=_("Reason of the corrections"),
        max_length=500,
        required=False,
        help_text=_("Needed when a stored value changes; kept in the change log."),
    )

    def __init__(self, data: Any, *, analytes: list[Analyte], results: dict[int, BloodResult]) -> None:
        super().__init__(data)
        self.rows = [RowForm(data, analyte=analyte, newest=results.get(analyte.pk)) for analyte in analytes]

    def entered(self) -> list[RowForm]:
        return [row for row in self.rows if row.is_entered]

    def is_valid(self) -> bool:
        rows_are_valid = all([row.is_valid() for row in self.rows])  # noqa: C419  # each row shows its errors
        return super().is_valid() and rows_are_valid

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("reason", "").strip() and any(
            row.result for row in self.rows if row.is_valid() and row.is_entered
        ):
            self.add_error("reason", _("Say why the result is corrected."))
        return cleaned

    def panel_rows(self) -> list[PanelRow]:
        return [row.panel_row(self.cleaned_data["reason"]) for row in self.entered()]

    def show_refusals(self, refused: PanelRefused, written: list[RowForm]) -> None:
        for index, error in refused.rows.items():
            if isinstance(error, StaleWrite):
                written[index].show_stale(error)
            else:
                written[index].show_refusal(error)

    def row_errors(self) -> Iterator[tuple[RowForm, list[str]]]:
        for row in self.rows:
            if row.errors:
                yield row, [str(message) for messages in row.errors.values() for message in messages]
