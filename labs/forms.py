"""Forms over results: they carry the revision that the person saw, and a newer one makes the save stale."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from labs.revisions import Revision, newest_of
from registry.forms import ServiceForm
from registry.log.facts import StaleWrite, changes_since


class RevisionForm(ServiceForm):
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    reason = forms.CharField(
        label=_("Reason of the correction"), max_length=500, help_text=_("Kept in the change log.")
    )

    def __init__(self, data: Any, *, newest: Revision | None) -> None:
        super().__init__(data)
        self.newest = newest
        self.initial = {"seen": newest.pk if newest else 0}
        if newest is None:
            del self.fields["reason"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        seen = cleaned.get("seen") or 0
        if self.newest is not None and seen != self.newest.pk:
            older = type(self.newest)._default_manager.filter(pk=seen).first()
            self.show_stale(StaleWrite(changes_since(self.newest, older.version if older else 0)))
        return cleaned

    def show_stale(self, stale: StaleWrite) -> None:
        """What was typed stays; what is stored now stands beside it; saving once more is then a decision."""
        super().show_stale(stale)
        if self.newest is None:
            return
        newest = newest_of(self.newest)
        self.data = self.data.copy()
        self.data["seen"] = str(newest.pk)
        for name in {name for change in stale.changes for name in change.new_values} & set(self.fields):
            self.add_error(name, _("Stored now: %(value)s") % {"value": getattr(newest, name)})

    @property
    def given_reason(self) -> str:
        return str(self.cleaned_data.get("reason", ""))


class RetractForm(RevisionForm):
    def __init__(self, data: Any, *, newest: Revision) -> None:
        super().__init__(data, newest=newest)
        self.fields["reason"].label = _("Reason of the retraction")
