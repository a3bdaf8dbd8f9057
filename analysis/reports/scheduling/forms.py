from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from analysis.reports.scheduling.models import ReportSchedule, Weekday
from registry.forms import VersionedForm


class ScheduleForm(VersionedForm, forms.ModelForm):  # type: ignore[type-arg]  # generic for the type checker only
    weekday = forms.TypedChoiceField(
        label=_("Weekday"), choices=Weekday.choices, coerce=int, help_text=_("Of a weekly report.")
    )

    class Meta:
        model = ReportSchedule
        fields = ("is_on", "every", "weekday", "day", "hour")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.prepare()

    @property
    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("is_on", "every", "weekday", "day", "hour")}
