"""The form of a read, one for each scale. What it holds is checked again, and computed, by the service."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from labs.forms import NumberField, RevisionForm
from labs.ihc.models import Read
from labs.ihc.scoring import EXTENT_BINS, FIELDS
from labs.markers.models import Scale, Stain


def percent_range(extent: int, bins: Mapping[int, tuple[int, int]] = EXTENT_BINS) -> str:
    low, high = bins[extent]
    return f"{low} %" if low == high else f"{low}–{high} %"


class WholeNumberInput(forms.TextInput):
    """Not a number field: there the wheel and the arrow keys change what was typed."""

    def __init__(self, **attrs: str) -> None:
        super().__init__(attrs={"inputmode": "numeric", "autocomplete": "off", "size": "4"} | attrs)


class ReadForm(RevisionForm):
    comment = forms.CharField(label=_("Comment"), max_length=300, required=False)

    judged: tuple[str, ...] = ()

    def __init__(self, data: Any, *, newest: Read | None) -> None:
        super().__init__(data, newest=newest)
        if newest is not None and not newest.is_retracted:
            self.initial.update(self.initial_of(newest) | {"comment": newest.comment})

    def initial_of(self, read: Read) -> dict[str, Any]:
        return {name: getattr(read, name) for name in self.judged}

    @property
    def judgement(self) -> dict[str, Any]:
        """What the service takes."""
        return {name: self.cleaned_data.get(name) for name in self.judged} | {"comment": self.cleaned_data["comment"]}


class ScoreForm(ReadForm):
    intensity = forms.TypedChoiceField(
        label=_("Intensity"),
        coerce=int,
        choices=[(0, _("negative")), (1, _("weak")), (2, _("moderate")), (3, _("strong"))],
        widget=forms.RadioSelect,
    )
    percent = forms.RegexField(
        regex=r"^(?:[0-9]{1,2}|100)$",
        label=_("Positive cells"),
        required=False,
        widget=WholeNumberInput(maxlength="3"),
        help_text=_("A whole number from 0 to 100."),
        error_messages={"invalid": _("Give a whole number from 0 to 100.")},
    )
    extent = forms.TypedChoiceField(
        label=_("Extent"),
        coerce=int,
        empty_value=None,
        required=False,
        choices=[(extent, percent_range(extent)) for extent in EXTENT_BINS],
        widget=forms.RadioSelect,
        help_text=_("Follows from the percentage; choose it yourself when you give none."),
    )

    judged = ("intensity", "percent", "extent")

    def initial_of(self, read: Read) -> dict[str, Any]:
        # An extent that follows from a percentage is not offered beside it: without JavaScript it would stay behind.
        extent = read.extent if read.percent is None else None
        return {"intensity": read.intensity, "percent": read.percent, "extent": extent}

    def clean_percent(self) -> int | None:
        percent = self.cleaned_data["percent"]
        return int(percent) if percent else None


class FieldsForm(ReadForm):
    fewer_fields_reason = forms.CharField(label=_("Reason for fewer than five fields"), max_length=120, required=False)

    judged = ("field_counts", "fewer_fields_reason")

    def __init__(self, data: Any, *, newest: Read | None) -> None:
        super().__init__(data, newest=newest)
        for number in range(1, FIELDS + 1):
            self.fields[f"field_{number}"] = forms.RegexField(
                regex=r"^[0-9]{1,5}$",
                label=_("Field %(number)s") % {"number": number},
                required=False,
                widget=WholeNumberInput(maxlength="5"),
                error_messages={"invalid": _("Give a whole number of cells.")},
            )

    def boxes(self) -> list[forms.BoundField]:
        return [self[f"field_{number}"] for number in range(1, FIELDS + 1)]

    def initial_of(self, read: Read) -> dict[str, Any]:
        counts = {f"field_{place}": count for place, count in enumerate(read.field_counts or [], start=1)}
        return counts | {"fewer_fields_reason": read.fewer_fields_reason}

    @property
    def judgement(self) -> dict[str, Any]:
        given = [self.cleaned_data.get(f"field_{number}") for number in range(1, FIELDS + 1)]
        return super().judgement | {"field_counts": [int(count) for count in given if count]}


class DensityForm(ReadForm):
    density = NumberField(label=_("Density"))

    judged = ("density",)


_FORMS: dict[str, type[ReadForm]] = {Scale.SCORE: ScoreForm, Scale.FIELDS: FieldsForm, Scale.DENSITY: DensityForm}


def read_form(stain: Stain, data: Any, newest: Read | None) -> ReadForm:
    return _FORMS[stain.marker.scale](data, newest=newest)
