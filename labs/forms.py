"""Forms over results: they carry the revision that the person saw, and a newer one makes the save stale."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from labs.blood.values import ValueRefused, parse_value
from labs.revisions import Revision, newest_of, revision_of
from registry.forms import ServiceForm, shown
from registry.log.facts import StaleWrite, changes_since


class NumberField(forms.CharField):
    """A number as it is written: a decimal comma or an underscore is refused with its reason, never read around."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "size": "8"})
        super().__init__(widget=widget, max_length=30, **kwargs)

    def clean(self, value: Any) -> float | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            parsed = parse_value(text)
        except ValueRefused as refused:
            raise ValidationError(str(refused)) from refused
        if parsed.comparator or parsed.number is None:
            raise ValidationError(_("Give a plain number."))
        return float(parsed.number)


class RevisionForm(ServiceForm):
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    reason = forms.CharField(
        label=_("Reason of the correction"), max_length=500, help_text=_("Kept in the change log.")
    )

    def __init__(self, data: Any, *, newest: Revision | None, prefix: str | None = None) -> None:
        super().__init__(data, prefix=prefix)
        self.newest = newest
        # The revision that the person saw, when it is not the newest.
        self.seen_row: Any = newest
        # The version, not the row's number: that would tell a reader how many reads others have saved.
        self.initial = {"seen": newest.version if newest else 0}
        if newest is None:
            del self.fields["reason"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.newest is None or (seen := cleaned.get("seen") or 0) == self.newest.version:
            return cleaned
        self.seen_row = revision_of(self.newest, seen)
        if not self.is_untouched():
            self.show_stale(StaleWrite(changes_since(self.newest, self.seen_row.version if self.seen_row else 0)))
        return cleaned

    def is_untouched(self) -> bool:
        """Whether the form still holds what the person was shown: then there is nothing to save, and nothing stale."""
        return False

    def show_stale(self, stale: StaleWrite) -> None:
        """What was typed stays; what is stored now stands beside it; saving once more is then a decision."""
        super().show_stale(stale)
        if self.newest is None:
            return
        newest = newest_of(self.newest)
        typed: Any = self.data
        typed = typed.copy()
        typed[self.add_prefix("seen")] = str(newest.version)
        self.data = typed
        for name in {name for change in stale.changes for name in change.new_values} & set(self.fields):
            self.add_error(name, _("Stored now: %(value)s") % {"value": shown(newest, name)})

    @property
    def given_reason(self) -> str:
        return str(self.cleaned_data.get("reason", ""))


class RetractForm(RevisionForm):
    def __init__(self, data: Any, *, newest: Revision) -> None:
        super().__init__(data, newest=newest)
        self.fields["reason"].label = _("Reason of the retraction")
