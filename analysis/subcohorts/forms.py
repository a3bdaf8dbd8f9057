"""The definition of a sub-cohort: its name, and conditions line by line."""

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from analysis.definitions.catalogue import Offer
from analysis.subcohorts.conditions import Condition, ConditionError, Operator, condition, written
from analysis.subcohorts.models import SubCohort
from registry.forms import VersionedForm

_OPERATORS = [
    (Operator.ABOVE, _("is above")),
    (Operator.AT_MOST, _("is at most")),
    (Operator.BETWEEN, _("is between (both included)")),
    (Operator.ONE_OF, _("is one of")),
]
_BLANK_ROWS = 2


class SubCohortForm(VersionedForm):
    name = forms.CharField(label=_("Name"), max_length=120)
    code = forms.SlugField(label=_("Short name"), max_length=40, help_text=_("For addresses and files; it stays."))

    field_order = ("name", "code")

    def __init__(self, *args: Any, instance: SubCohort, **kwargs: Any) -> None:
        self.instance = instance
        kwargs.setdefault("initial", {"name": instance.name, "code": instance.code})
        super().__init__(*args, **kwargs)
        if instance.pk:
            del self.fields["code"]
            self.fields["reason"].required = True
        self.prepare()

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"])
        if SubCohort.objects.filter(cohort=self.instance.cohort, code=code).exists():
            raise ValidationError(_("This cohort has had a sub-cohort of this short name already."))
        return code


class ConditionForm(forms.Form):
    variable = forms.ChoiceField(label=_("Variable"), required=False)
    operator = forms.ChoiceField(label=_("Comparison"), choices=_OPERATORS, required=False)
    values = forms.CharField(label=_("Values"), max_length=200, required=False)

    def __init__(self, *args: Any, variables: Sequence[Offer], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offers = {item.name: item for item in variables}
        choices = [(item.name, _choice(item)) for item in variables]
        known = {name for name, _label in choices}
        kept = str(self.initial.get("variable", ""))
        # A condition that stands is kept even when nobody has a value any more.
        extra = [(kept, kept)] if kept and kept not in known else []
        self.fields["variable"].choices = [("", "—"), *choices, *extra]  # type: ignore[attr-defined]  # a choice field

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("variable") or self.errors:
            if data.get("values") and not self.errors:
                self.add_error("variable", _("Choose the variable that these values are of."))
            return data
        try:
            operator = Operator(data["operator"])
            bounds = _known(self._offers.get(data["variable"]), operator, _bounds(operator, data["values"]))
            data["condition"] = condition({"variable": data["variable"], "operator": operator, "bounds": bounds})
        except ConditionError as error:
            self.add_error("values", capfirst(str(error).partition(": ")[2]))
        return data


def _choice(item: Offer) -> str:
    """With the values as a condition writes them, where there are few."""
    levels = ", ".join(code if code == name else f"{code} ({name})" for code, name in item.levels.items())
    return f"{item.text}: {levels}" if levels else item.text


def _bounds(operator: Operator, text: str) -> list[Any]:
    if operator == Operator.ONE_OF:
        return [part for part in (part.strip() for part in text.split(",")) if part]
    parts = [part for part in re.split(r"\s+to\s+|\s*[,;]\s*|\s+", text.strip()) if part]
    try:
        return [float(part) for part in parts]
    except ValueError:
        raise ConditionError(f"{operator}: {text!r} is not a number.") from None


def _known(offer: Offer | None, operator: Operator, bounds: list[Any]) -> list[Any]:
    """The bounds as the facts write them; refused where nobody could ever meet them."""
    if offer is None:
        return bounds
    if operator != Operator.ONE_OF:
        if not offer.is_number:
            raise ConditionError(gettext("%(name)s: this is no number: choose “is one of”.") % {"name": offer.name})
        return bounds
    if not offer.levels:
        return bounds
    codes = {called.casefold(): code for code, called in offer.levels.items()}
    codes |= {code.casefold(): code for code in offer.levels}
    unknown = [bound for bound in bounds if bound.casefold() not in codes]
    if unknown:
        values = {"name": offer.name, "unknown": ", ".join(unknown), "known": ", ".join(offer.levels)}
        raise ConditionError(gettext("%(name)s: %(unknown)s is not among its values: %(known)s.") % values)
    return [codes[bound.casefold()] for bound in bounds]


class _ConditionFormSet(forms.BaseFormSet):  # type: ignore[type-arg]  # generic for the type checker only
    def clean(self) -> None:
        if not any(self.errors) and not self.conditions:
            raise ValidationError(_("Give at least one condition: without one it would be the whole cohort."))

    @property
    def conditions(self) -> list[Condition]:
        return [form.cleaned_data["condition"] for form in self.forms if "condition" in form.cleaned_data]


def condition_forms(data: Any, subcohort: SubCohort, variables: Sequence[Offer]) -> _ConditionFormSet:
    factory = forms.formset_factory(
        ConditionForm, formset=_ConditionFormSet, extra=_BLANK_ROWS, max_num=20, validate_max=True
    )
    initial = [_initial(item) for item in subcohort.parsed] if subcohort.pk else []
    found = factory(data, prefix="conditions", initial=initial, form_kwargs={"variables": variables})
    assert isinstance(found, _ConditionFormSet)  # noqa: S101  # what the factory was told to make
    return found


def _initial(item: Condition) -> dict[str, str]:
    between = " to " if item.operator == Operator.BETWEEN else ", "
    values = between.join(written(bound) for bound in item.bounds)
    return {"variable": item.variable.name, "operator": item.operator.value, "values": values}
