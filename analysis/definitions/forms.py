"""One form for every kind: its fields come from what the kind is described to be asked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from analysis.canonical import plain
from analysis.definitions.catalogue import Catalogue
from analysis.definitions.inputs import Input, input_of
from analysis.definitions.parameters import Definition, Part, ScoreOf
from analysis.definitions.titles import suggested_title
from analysis.engine.models import Analysis
from analysis.kinds.base import ParameterError
from analysis.kinds.registry import kind_of
from analysis.subcohorts.models import SubCohort
from registry.forms import ServiceForm
from registry.log.facts import StaleWrite


@dataclass(frozen=True)
class ShownPart:
    part: str
    fields: list[BoundField]

    @property
    def is_open(self) -> bool:
        """What was chosen or refused is not hidden in a fold."""
        return any(field.errors or field.value() not in (None, "", [], False) for field in self.fields)


class DefinitionForm(ServiceForm):
    """Without an analysis a new question, perhaps like another's; with one, its correction."""

    title = forms.CharField(label=_("Title"), max_length=160)

    def __init__(
        self,
        data: Any = None,
        *,
        definition: Definition,
        catalogue: Catalogue,
        asked: Mapping[str, Any],
        subcohorts: Sequence[SubCohort] = (),
        chosen: SubCohort | None = None,
        analysis: Analysis | None = None,
        others: Iterable[Analysis] = (),
    ) -> None:
        """`others`: what is asked in the cohort already."""
        super().__init__(data)
        self.others = others
        self.subcohorts = {subcohort.code: subcohort for subcohort in subcohorts}
        self.definition, self.analysis = definition, analysis
        stands = _with_typed_score(definition, dict(asked), data)
        self.inputs = [(row, input_of(row, catalogue, stands)) for row in definition.parameters]
        self._part_of: dict[str, Part] = {}
        if subcohorts:
            self._offer_subcohorts(chosen)
        for row, asks in self.inputs:
            for name, field in asks.fields().items():
                self.fields[name] = field
                self._part_of[name] = row.part
            self.initial.update(asks.initial())
        if analysis is None:
            self.fields["title"].required = False
            self.fields["title"].help_text = _("Left empty, it is made from the question, such as “PFS by FAP”.")
            self.fields["waits_for_plan"] = forms.BooleanField(
                label=_("Compute it only after its plan is signed"),
                required=False,
                help_text=_(
                    "A plan counts as registered only if nobody has seen the answer before. Otherwise the first result"
                    " is there within seconds, and the analysis is exploratory."
                ),
            )
            return
        self.initial.update(title=analysis.title, version=analysis.version)
        self.fields["version"] = forms.IntegerField(widget=forms.HiddenInput)
        self.fields["reason"] = forms.CharField(
            label=_("Reason of the change"), max_length=500, help_text=_("Kept in the change log.")
        )

    def _offer_subcohorts(self, chosen: SubCohort | None) -> None:
        named = [(code, f"{subcohort.name}: {subcohort.sentence}") for code, subcohort in self.subcohorts.items()]
        self.fields["subcohort"] = forms.ChoiceField(
            label=_("Patients"), required=False, choices=[("", _("everybody eligible in the cohort")), *named]
        )
        self._part_of["subcohort"] = Part.WHO
        self.initial["subcohort"] = chosen.code if chosen else ""

    @property
    def subcohort(self) -> SubCohort | None:
        return self.subcohorts.get(self.cleaned_data.get("subcohort", ""))

    def parts(self) -> dict[str, ShownPart]:
        return {
            part.value: ShownPart(part.value, [self[name] for name, of in self._part_of.items() if of == part])
            for part in Part
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        asked: dict[str, Any] = {}
        for _row, asks in self.inputs:
            try:
                asked |= asks.gather(data)
            except ValidationError as error:
                self.show_refusal(error)
        data["parameters"] = asked
        if not self.errors:
            self._ask_kind(asked)
        if not self.errors:
            self._refuse_twin(asked)
        if not self.errors and not data.get("title"):
            title = suggested_title(self.definition.kind, asked)
            data["title"] = self._free_title(f"{title}, {self.subcohort.name}"[:160] if self.subcohort else title)
        elif self._full(data.get("title", "")) in self._taken_titles():
            self.add_error("title", _("Another analysis has this title: in a report nobody could tell which is meant."))
        return data

    def _free_title(self, title: str) -> str:
        taken, found = self._taken_titles(), title
        for number in count(2):
            if found not in taken:
                break
            found = f"{title[:155]} ({number})"
        return found

    def _taken_titles(self) -> set[str]:
        return {other.full_title for other in self.others}

    def _full(self, title: str) -> str:
        return Analysis(title=title, subcohort=self.subcohort).full_title

    def _refuse_twin(self, asked: dict[str, Any]) -> None:
        """A form sent twice would be two tests of one question, each a look at its answer."""
        wanted = (self.definition.kind, plain(asked), self.subcohort)
        for other in self.others:
            if (other.kind, other.parameters, other.subcohort) == wanted:
                self.add_error(None, _("“%(title)s” asks the same already.") % {"title": other.full_title})

    def _ask_kind(self, asked: dict[str, Any]) -> None:
        """Before the title is made, which reads what only a checked question has."""
        try:
            kind_of(self.definition.kind).check(asked)
        except ParameterError as error:
            self._refuse(error.name, error.message)
        except ValueError as error:
            self.add_error(None, str(error))

    def show_refusal(self, error: ValidationError) -> None:
        """A kind names the parameter that it refuses: that is said beside its field."""
        for said in error.error_dict.get("parameters", []) if hasattr(error, "error_dict") else []:
            if said.params and "name" in said.params:
                self._refuse(said.params["name"], said.params["message"])
                return
        super().show_refusal(error)

    def _refuse(self, parameter: str, message: str) -> None:
        asks: Input | None = next((asks for _row, asks in self.inputs if parameter in asks.answers_for), None)
        self.add_error(asks.name if asks else None, str(capfirst(message)))

    def show_stale(self, stale: StaleWrite) -> None:
        """Who changed what stands above; the new version goes along, so that saving once more is a decision."""
        super().show_stale(stale)
        if self.analysis:
            self.type_over(version=Analysis.objects.values_list("version", flat=True).get(pk=self.analysis.pk))


def _with_typed_score(definition: Definition, asked: dict[str, Any], data: Any) -> dict[str, Any]:
    """A risk model brings the fields of its terms: those of the model that was typed, if one was."""
    for row in definition.parameters:
        typed = data.get(row.name, "") if data and isinstance(row, ScoreOf) else ""
        code, _colon, number = typed.rpartition(":")
        if isinstance(row, ScoreOf) and code and number.isdigit():
            asked |= {row.name: code, row.number: int(number)}
    return asked


class RetireForm(ServiceForm):
    reason = forms.CharField(label=_("Reason"), max_length=500, help_text=_("Kept in the change log."))
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, analysis: Analysis) -> None:
        super().__init__(data)
        self.analysis = analysis
        self.initial["version"] = analysis.version

    def show_stale(self, stale: StaleWrite) -> None:
        super().show_stale(stale)
        self.type_over(version=Analysis.objects.values_list("version", flat=True).get(pk=self.analysis.pk))
