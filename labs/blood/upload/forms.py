from dataclasses import replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from labs.blood.models import Analyte
from labs.blood.upload.columns import ANALYTE, DAY, DRAW, OF, PATIENT, SKIP, UNIT, VALUE, Column
from labs.blood.upload.sheet import MAX_BYTES, Options
from labs.cohort_import.mapping import ENCODINGS, ISO
from registry.forms import ServiceForm

DAY_FORMATS = {
    ISO: "2024-01-31",
    "%d.%m.%Y": "31.01.2024",
    "%d/%m/%Y": "31/01/2024",
    "%m/%d/%Y": "01/31/2024",
    "%Y/%m/%d": "2024/01/31",
    "%Y年%m月%d日": "2024年01月31日",
}
ROLES = {
    SKIP: gettext_lazy("left out"),
    DRAW: gettext_lazy("code of the draw"),
    PATIENT: gettext_lazy("study number"),
    DAY: gettext_lazy("day of the draw"),
    ANALYTE: gettext_lazy("name of the analyte (one row per result)"),
    VALUE: gettext_lazy("value (one row per result)"),
    UNIT: gettext_lazy("unit (one row per result)"),
}


class UploadForm(forms.Form):
    file = forms.FileField(label=gettext_lazy("File (CSV or XLSX)"), allow_empty_file=True)
    encoding = forms.ChoiceField(
        label=gettext_lazy("Encoding of a CSV file"), choices=[(name, name.upper()) for name in ENCODINGS]
    )
    decimal = forms.ChoiceField(
        label=gettext_lazy("Decimal sign"),
        choices=[(".", gettext_lazy("point: 4.1")), (",", gettext_lazy("comma: 4,1"))],
    )
    day_format = forms.ChoiceField(label=gettext_lazy("Days are written as"), choices=list(DAY_FORMATS.items()))
    registers_draws = forms.BooleanField(
        label=gettext_lazy("Register draws that are not known yet"),
        required=False,
        help_text=gettext_lazy("Their rows must give the study number and the day."),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise ValidationError(_("The file is larger than %(n)s MB.") % {"n": MAX_BYTES // 1024 // 1024})
        return file

    @property
    def options(self) -> Options:
        data = self.cleaned_data
        return Options(data["encoding"], data["decimal"], data["day_format"], data["registers_draws"])


class ColumnsForm(forms.Form):
    """For each column of the file what it is, and for an analyte the unit that its values are in."""

    def __init__(self, data: Any, *, columns: list[Column], analytes: dict[str, Analyte]) -> None:
        super().__init__(data)
        self.columns = columns
        choices = [*ROLES.items(), *((OF + code, f"{code}: {row.name}") for code, row in sorted(analytes.items()))]
        for number, column in enumerate(columns):
            name = column.header or _("(no name)")
            self.fields[f"role-{number}"] = forms.ChoiceField(choices=choices, initial=column.role)
            self.fields[f"unit-{number}"] = forms.CharField(required=False, max_length=30, initial=column.unit)
            self.fields[f"role-{number}"].widget.attrs["aria-label"] = _("What “%s” is") % name
            self.fields[f"unit-{number}"].widget.attrs |= {"aria-label": _("Unit of “%s”") % name, "class": "short"}

    def rows(self) -> list[tuple[Column, forms.BoundField, forms.BoundField]]:
        return [(column, self[f"role-{number}"], self[f"unit-{number}"]) for number, column in enumerate(self.columns)]

    def chosen(self) -> list[Column]:
        data = self.cleaned_data
        return [
            replace(column, role=data[f"role-{number}"], unit=data[f"unit-{number}"].strip())
            for number, column in enumerate(self.columns)
        ]


class StoreForm(ServiceForm):
    """The decision over what is shown. The ticks of the values stand beside them in the table."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    reason = forms.CharField(
        label=gettext_lazy("Reason of the corrections"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("Needed when a stored value changes; kept in the change log."),
    )
    valid_rows_only = forms.BooleanField(
        label=gettext_lazy("Take the valid rows only"),
        required=False,
        help_text=gettext_lazy("A row with one refused or unconfirmed value is left out as a whole."),
    )
