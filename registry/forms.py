"""Forms over rows that several people correct: what was typed survives, and a stale save says what moved."""

from collections.abc import Callable
from typing import Any, cast

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from registry.log.facts import StaleWrite, Versioned


class DayInput(forms.DateInput):
    """The browser's own date field, which wants ISO days whatever the language of the page."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs=attrs, format="%Y-%m-%d")


class ServiceForm(forms.Form):
    """A form whose save is a service: a refusal of the service stands beside the field that it concerns."""

    def saves(self, write: Callable[[], object]) -> bool:
        if not self.is_valid():
            return False
        try:
            write()
        except StaleWrite as stale:
            self.show_stale(stale)
        except ValidationError as error:
            self.show_refusal(error)
        return not self.errors

    def show_refusal(self, error: ValidationError) -> None:
        found = error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.error_list}
        for name, errors in found.items():
            self.add_error(name if name in self.fields else None, ValidationError(errors))

    def show_stale(self, stale: StaleWrite) -> None:
        for message in stale.messages:
            self.add_error(None, message)

    def type_over(self, **values: object) -> None:
        """Changes what the form shows next time; what the person typed elsewhere stays."""
        data = cast(QueryDict, self.data).copy()
        for name, value in values.items():
            data[self.add_prefix(name)] = str(value)
        self.data = data


class VersionedForm(ServiceForm):
    """The same for one row: it carries the version that the person saw."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    reason = forms.CharField(
        label=_("Reason of the correction"), max_length=500, required=False, help_text=_("Kept in the change log.")
    )

    # The row itself; set before the form is shown.
    instance: Any

    def prepare(self) -> None:
        """Call at the end of __init__: a new row has neither a version nor a reason to be corrected."""
        if self.instance.pk is None:
            del self.fields["reason"]
            self.initial["version"] = 0
        else:
            self.initial["version"] = self.instance.version
            self.order_fields([name for name in self.fields if name != "reason"])

    @property
    def expected_version(self) -> int:
        return int(self.cleaned_data.get("version") or 0)

    @property
    def given_reason(self) -> str:
        return str(self.cleaned_data.get("reason", ""))

    def show_stale(self, stale: StaleWrite) -> None:
        """Beside each field that moved stands what is stored now; saving once more is then a decision."""
        super().show_stale(stale)
        moved = {name for change in stale.changes for name in change.new_values} & set(self.fields) - {"version"}
        row: Versioned = type(self.instance)._default_manager.get(pk=self.instance.pk)
        for name in sorted(moved):
            self.add_error(name, _("Stored now: %(value)s") % {"value": shown(row, name)})
        self.type_over(version=row.version)


class FactForm(VersionedForm, forms.ModelForm):  # type: ignore[type-arg]  # generic for the type checker only
    """A ModelForm that checks what was typed and leaves the saving to a service."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.prepare()

    @classmethod
    def columns(cls) -> tuple[str, ...]:
        return tuple(cls._meta.fields or ())

    @property
    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.columns()}


def shown(row: models.Model, name: str) -> str:
    """A column's value in words: the label of a choice, yes or no, a dash for what is not known."""
    display = getattr(row, f"get_{name}_display", None)
    value = display() if display else getattr(row, name)
    if value in (None, ""):
        return "—"
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    return f"{value:g}" if isinstance(value, float) else str(value)
