from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from registry.export.tables import Table, table_named, tables

FORMATS = [("csv", _("CSV (UTF-8)")), ("xlsx", _("Excel (XLSX)"))]


class ExportForm(forms.Form):
    table = forms.ChoiceField(label=_("Table"))
    file_format = forms.ChoiceField(label=_("Format"), choices=FORMATS, initial="csv", widget=forms.RadioSelect)
    purpose = forms.CharField(
        label=_("Purpose and recipient"), max_length=300, help_text=_("Kept in the change log with your name.")
    )
    with_identifiers = forms.BooleanField(
        label=_("I need names, record numbers and telephone numbers of patients."), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups: dict[str, list[tuple[str, str]]] = {}
        for table in tables():
            groups.setdefault(table.app, []).append((table.code, table.title))
        self.fields["table"].choices = list(groups.items())  # type: ignore[attr-defined]  # a choice field

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        table = table_named(data.get("table", ""))
        if table and table.has_identifiers and not data.get("with_identifiers"):
            self.add_error("with_identifiers", _("This table is nothing but identifiers: tick that you need them."))
        return data

    @property
    def chosen(self) -> Table:
        table = table_named(self.cleaned_data["table"])
        assert table is not None  # noqa: S101  # it was among the choices
        return table
