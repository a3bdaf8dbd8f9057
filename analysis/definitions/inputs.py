"""From a described parameter to the fields of a form, and back to what a kind is asked.

Each input says which fields it needs, what stands in them for given parameters, and what parameters they make. The
first field has the parameter's own name, so that whatever a kind refuses stands beside it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analysis.datasets.asking import check_configuration, starting_point
from analysis.definitions import parameters as described
from analysis.definitions.catalogue import Catalogue
from analysis.definitions.parameters import Part, Sort
from analysis.kinds.discovery import LONGEST
from analysis.kinds.grouping import RESPONSE
from analysis.kinds.model_terms import FACTOR, LOG
from analysis.stats.printing import exact

Asked = Mapping[str, Any]
Fields = dict[str, forms.Field]
_DECLARED = ("registered", "published")
_VALUE = "value"
_EMPTY = ("", "—")
_SEVERAL = gettext_lazy("Several: hold Ctrl or ⌘ while choosing.")


class Input:
    """The usual: one field of the parameter's name, left out of the parameters where it is empty."""

    def __init__(self, parameter: Any, catalogue: Catalogue, asked: Asked) -> None:
        self.parameter, self.catalogue = parameter, catalogue
        # What stands there already stays on offer, also when the cohort no longer has it.
        self.asked = asked

    @property
    def name(self) -> str:
        return str(self.parameter.name)

    @property
    def answers_for(self) -> tuple[str, ...]:
        """Parameters whose refusal stands beside the first field."""
        return (self.name,)

    def fields(self) -> Fields:
        return {self.name: self.field()}

    def field(self) -> forms.Field:
        raise NotImplementedError  # abstract: unless `fields` is overridden

    def initial(self) -> dict[str, Any]:
        return {self.name: self.asked[self.name]} if self.name in self.asked else {}

    def gather(self, cleaned: Asked) -> dict[str, Any]:
        value = cleaned.get(self.name)
        return {} if value in (None, "", []) else {self.name: value}

    def common(self) -> dict[str, Any]:
        return {
            "label": self.parameter.label,
            "help_text": self.parameter.help,
            "required": self.parameter.required,
        }

    def one_of(self, choices: Sequence[tuple[str, Any]], empty: Any = None) -> forms.ChoiceField:
        first = [] if self.parameter.required and len(choices) == 1 else [("", empty) if empty else _EMPTY]
        return forms.ChoiceField(choices=[*first, *choices], **self.common())

    def some_of(self, choices: Sequence[tuple[str, Any]]) -> forms.MultipleChoiceField:
        # What few people touch is a short list to scroll; the subject of the question is seen whole.
        if self.parameter.part != Part.HOW:
            return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **self.common())
        words = self.common() | {"help_text": f"{self.parameter.help} {_SEVERAL}".strip()}
        return forms.MultipleChoiceField(choices=choices, widget=forms.SelectMultiple(attrs={"size": 5}), **words)

    def variables(self, sort: Sort, present: Sequence[str]) -> list[tuple[str, str]]:
        offers = [(offer.name, offer.text) for offer in self.catalogue.of_sort(sort)]
        known = {name for name, _text in offers}
        return [*offers, *((name, self.catalogue.label(name)) for name in present if name not in known)]

    def in_old_order(self, chosen: Sequence[str], old: Any) -> list[str]:
        """The same variables stay in the order in which they were named: nothing has changed then."""
        return list(old) if isinstance(old, list | tuple) and set(old) == set(chosen) else list(chosen)


class EndpointInput(Input):
    def field(self) -> forms.Field:
        return self.one_of(list(self.catalogue.endpoints.items()))


class OutcomeInput(Input):
    def field(self) -> forms.Field:
        return self.one_of([*self.catalogue.endpoints.items(), (RESPONSE, _("Response to treatment"))])

    @property
    def answers_for(self) -> tuple[str, ...]:
        return (self.name, self.parameter.response[0]) if self.parameter.response else (self.name,)

    def initial(self) -> dict[str, Any]:
        if self.name in self.asked:
            return {self.name: self.asked[self.name]}
        return {self.name: RESPONSE} if self.asked else {}

    def gather(self, cleaned: Asked) -> dict[str, Any]:
        value = cleaned.get(self.name)
        if value == RESPONSE:
            return dict([self.parameter.response]) if self.parameter.response else {}
        return {self.name: value} if value else {}


class VariableInput(Input):
    def field(self) -> forms.Field:
        present = [self.asked[self.name]] if self.asked.get(self.name, RESPONSE) != RESPONSE else []
        choices = self.variables(self.parameter.sort, present)
        response = [(RESPONSE, _("Response to treatment"))] if self.parameter.or_response else []
        return self.one_of([*response, *choices])


class VariablesInput(Input):
    def field(self) -> forms.Field:
        return self.some_of(self.variables(self.parameter.sort, self.asked.get(self.name, ())))

    def gather(self, cleaned: Asked) -> dict[str, Any]:
        chosen = cleaned.get(self.name) or []
        return {self.name: self.in_old_order(chosen, self.asked.get(self.name))} if chosen else {}


class CutoffInput(Input):
    @property
    def value_name(self) -> str:
        return f"{self.name}_value"

    def fields(self) -> Fields:
        words = {
            "registered": self._declared("registered", _("the registered one")),
            "published": self._declared("published", _("the published one")),
            "median": _("the median (exploratory)"),
            "optimal": _("the best one, with corrected p (exploratory)"),
            _VALUE: _("a number of my own (exploratory)"),
        }
        methods = [(method, words[method]) for method in self.parameter.methods]
        number = forms.FloatField(label=_("That number"), required=False, help_text=_("High means above it."))
        return {self.name: self.one_of(methods, self.parameter.none), self.value_name: number}

    def _declared(self, status: str, words: str) -> str:
        return f"{words}: {self.catalogue.cutoffs(status) or _('none is declared')}"

    def initial(self) -> dict[str, Any]:
        wish = self.asked.get(self.name)
        if isinstance(wish, int | float):
            return {self.name: _VALUE, self.value_name: wish}
        return {self.name: wish} if wish else {}

    def gather(self, cleaned: Asked) -> dict[str, Any]:
        method, number = cleaned.get(self.name), cleaned.get(self.value_name)
        variable = cleaned.get(self.parameter.of)
        if number is not None and method != _VALUE:
            raise ValidationError({self.value_name: _("Choose “a number of my own” as the cutoff, or clear it.")})
        if method == _VALUE:
            if number is None:
                raise ValidationError({self.value_name: _("Give the number.")})
            return {self.name: tidy(number)}
        is_new = (self.asked.get(self.parameter.of), self.asked.get(self.name)) != (variable, method)
        if method in _DECLARED and variable and is_new and (variable, method) not in self.catalogue.declared:
            said = _("No such cutoff of %(variable)s is declared in this cohort.")
            raise ValidationError({self.name: said % {"variable": self.catalogue.label(variable)}})
        return {self.name: method} if method else {}


class ChoiceInput(Input):
    def field(self) -> forms.Field:
        (usual, label), *others = self.parameter.choices
        # Whoever never touches it leaves no trace of it in the definition.
        first = (usual if self.name in self.asked else "", label)
        return forms.ChoiceField(choices=[first, *others], **(self.common() | {"required": False}))


class YesNoInput(Input):
    def field(self) -> forms.Field:
        return forms.BooleanField(**(self.common() | {"required": False}))

    def initial(self) -> dict[str, Any]:
        return {self.name: self.asked.get(self.name, self.parameter.usual)}

    def gather(self, cleaned: Asked) -> dict[str, Any]:
        value = bool(cleaned.get(self.name))
        return {} if value == self.parameter.usual and self.name not in self.asked else {self.name: value}


class NumberInput(Input):
    def field(self) -> forms.Field:
        unit = f", {self.parameter.unit}" if self.parameter.unit else ""
        labelled = self.common() | {"label": f"{self.parameter.label}{unit}"}
        if self.parameter.is_whole:
            return forms.IntegerField(**labelled)
        return forms.FloatField(**labelled)

    def gather(self, cleaned: Asked) -> dict[str, Any]:
        value = cleaned.get(self.name)
        return {} if value is None else {self.name: tidy(value)}


class NumbersInput(Input):
    def field(self) -> forms.Field:
        return NumbersField(**self.common())

    def initial(self) -> dict[str, Any]:
        return {self.name: ", ".join(exact(value) for value in self.asked.get(self.name, ()))}


class WordsInput(Input):
    def field(self) -> forms.Field:
        return WordsField(**self.common())

    def initial(self) -> dict[str, Any]:
        return {self.name: ", ".join(str(value) for value in self.asked.get(self.name, ()))}


class MarkerInput(Input):
    def field(self) -> forms.Field:
        present = [self.asked[self.name]] if self.asked.get(self.name) else []
        known = [*self.catalogue.markers, *(code for code in present if code not in self.catalogue.markers)]
        return self.one_of([(code, code) for code in known])


class ScoreInput(Input):
    """A field for each term of the model; which model that is stands in what was typed or stored."""

    @property
    def answers_for(self) -> tuple[str, ...]:
        return (self.name, self.parameter.number, self.parameter.terms)

    @property
    def chosen(self) -> str:
        if self.name in self.asked:
            return f"{self.asked[self.name]}:{self.asked.get(self.parameter.number, 1)}"
        return next(iter(self._models()), "")

    def _models(self) -> dict[str, Any]:
        return {f"{model.code}:{model.number}": model for model in self.catalogue.scores}

    def _terms(self) -> dict[str, str]:
        """name of the field → term"""
        model = self._models().get(self.chosen)
        terms = model.terms if model else []
        return {f"{self.parameter.terms}_{place}": row["name"] for place, row in enumerate(terms)}

    def fields(self) -> Fields:
        models = self._models()
        found: Fields = {self.name: self.one_of([(key, f"{model}, {model.unit}") for key, model in models.items()])}
        stored = self.asked.get(self.parameter.terms, {})
        choices = [_EMPTY, *self.variables(Sort.NUMBER, [name for name in stored.values() if name])]
        for field, term in self._terms().items():
            label = _("Term %(term)s is") % {"term": term}
            found[field] = forms.ChoiceField(choices=choices, label=label)
        return found

    def initial(self) -> dict[str, Any]:
        stored = self.asked.get(self.parameter.terms, {})
        return {self.name: self.chosen} | {field: stored.get(term, "") for field, term in self._terms().items()}

    def gather(self, cleaned: Asked) -> dict[str, Any]:
        if cleaned.get(self.name) != self.chosen:
            return {}
        code, _sep, number = self.chosen.rpartition(":")
        terms = {term: cleaned.get(field) for field, term in self._terms().items()}
        return {self.name: code, self.parameter.number: int(number), self.parameter.terms: terms}


class ProductsInput(Input):
    @property
    def names(self) -> list[str]:
        more = max(self.parameter.rows, len(self.asked.get(self.name, ())))
        return [self.name, *(f"{self.name}_{place}" for place in range(2, more + 1))]

    def fields(self) -> Fields:
        stored = [name for product in self.asked.get(self.name, ()) for name in product]
        choices = self.variables(Sort.ANY, list(dict.fromkeys(stored)))
        return {
            name: forms.MultipleChoiceField(
                choices=choices,
                required=False,
                label=f"{self.parameter.label} {place}",
                help_text=f"{self.parameter.help} {_SEVERAL}" if place == 1 else "",
                widget=forms.SelectMultiple(attrs={"size": 5}),
            )
            for place, name in enumerate(self.names, start=1)
        }

    def initial(self) -> dict[str, Any]:
        return dict(zip(self.names, self.asked.get(self.name, ()), strict=False))

    def gather(self, cleaned: Asked) -> dict[str, Any]:
        old = [*self.asked.get(self.name, ()), *([] for _name in self.names)]
        found = [
            self.in_old_order(chosen, before)
            for name, before in zip(self.names, old, strict=False)
            if (chosen := cleaned.get(name))
        ]
        return {self.name: found} if found else {}


class LevelsInput(Input):
    def field(self) -> forms.Field:
        choices = [
            (f"{offer.name}|{value}", f"{offer.label}: {called}")
            for offer in self.catalogue.offers.values()
            for value, called in offer.levels.items()
        ]
        known = {key for key, _label in choices}
        stored = [(key, key.replace("|", ": ")) for key in self._stored() if key not in known]
        return self.some_of([*choices, *stored])

    def _stored(self) -> list[str]:
        return [f"{name}|{level}" for name, level in self.asked.get(self.name, {}).items()]

    def initial(self) -> dict[str, Any]:
        return {self.name: self._stored()}

    def gather(self, cleaned: Asked) -> dict[str, Any]:
        chosen = [key.rpartition("|")[::2] for key in cleaned.get(self.name) or []]
        levels = dict(chosen)
        if len(levels) < len(chosen):
            raise ValidationError({self.name: _("Choose one level of a variable, not several.")})
        return {self.name: levels} if levels else {}


class ModelsInput(Input):
    def _rows(self) -> list[tuple[str, str]]:
        count = max(self.parameter.rows, len(self.asked.get(self.name, {})))
        rows = [(f"{self.name}_{place}_name", f"{self.name}_{place}") for place in range(1, count + 1)]
        # What a kind refuses stands beside the first of them.
        return [(rows[0][0], self.name), *rows[1:]]

    def fields(self) -> Fields:
        stored = [term for terms in self.asked.get(self.name, {}).values() for term in terms]
        choices = self._terms()
        known = {text for _group, terms in choices for text, _label in terms}
        if more := [(text, text) for text in dict.fromkeys(stored) if text not in known]:
            choices.append((_("Chosen before"), more))
        found: Fields = {}
        for place, (name, terms) in enumerate(self._rows(), start=1):
            found[name] = forms.CharField(
                label=_("Name of model %(place)s") % {"place": place}, required=False, max_length=60
            )
            found[terms] = forms.MultipleChoiceField(
                label=_("Covariates of model %(place)s") % {"place": place},
                help_text=_SEVERAL if place == 1 else "",
                choices=choices,
                required=False,
                widget=forms.SelectMultiple(attrs={"size": 6}),
            )
        return found

    def _terms(self) -> list[tuple[str, list[tuple[str, str]]]]:
        offers = self.catalogue.offers.values()
        numbers = [offer for offer in offers if offer.is_number]
        whole = [offer for offer in numbers if offer.is_category]
        return [
            (_("As they are"), [(offer.name, offer.text) for offer in offers]),
            (
                _("As logarithms"),
                [(f"{LOG}({offer.name})", _("log of %(name)s") % {"name": offer.label}) for offer in numbers],
            ),
            (
                _("As categories"),
                [(f"{FACTOR}({offer.name})", _("%(name)s as a category") % {"name": offer.label}) for offer in whole],
            ),
        ]

    def initial(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for (name, terms), (called, chosen) in zip(self._rows(), self.asked.get(self.name, {}).items(), strict=False):
            found |= {name: called, terms: list(chosen)}
        return found

    def gather(self, cleaned: Asked) -> dict[str, Any]:
        old, models = self.asked.get(self.name, {}), {}
        for name, terms in self._rows():
            called, chosen = (cleaned.get(name) or "").strip(), cleaned.get(terms) or []
            if called and not chosen:
                raise ValidationError({terms: _("Choose the covariates of this model, or clear its name.")})
            if not chosen:
                continue
            called = called or " + ".join(self._said(term) for term in chosen)
            if called in models:
                raise ValidationError({name: _("Another model has this name already.")})
            models[called] = self.in_old_order(chosen, old.get(called))
        return {self.name: models} if models else {}

    def _said(self, term: str) -> str:
        call, opening, rest = term.partition("(")
        return f"{call}({self.catalogue.label(rest[:-1])})" if opening else self.catalogue.label(term)


class ConfigurationInput(Input):
    def field(self) -> forms.Field:
        box = forms.Textarea(attrs={"rows": 24, "class": "code", "spellcheck": "false"})
        # As it was written: another blank line would be another question.
        return forms.CharField(widget=box, max_length=LONGEST, strip=False, **self.common())

    def initial(self) -> dict[str, Any]:
        return super().initial() or {self.name: starting_point(self.catalogue.cohort)}

    def gather(self, cleaned: Asked) -> dict[str, Any]:
        text = (cleaned.get(self.name) or "").replace("\r\n", "\n")
        if not text.strip():
            return {}
        try:
            check_configuration(text, self.catalogue.cohort, self.catalogue.offers)
        except ValueError as error:
            raise ValidationError({self.name: str(error)}) from error
        return {self.name: text}


class NumbersField(forms.CharField):
    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return [tidy(float(part)) for part in parts_of(text)]
        except ValueError:
            raise ValidationError(gettext_lazy("Give numbers, separated by commas.")) from None


class WordsField(forms.CharField):
    def clean(self, value: Any) -> Any:
        return parts_of(super().clean(value))


def parts_of(text: str) -> list[str]:
    return [part.strip() for part in text.replace("，", ",").replace(";", ",").split(",") if part.strip()]


def tidy(value: float) -> float | int:
    """12 rather than 12.0, as people write it."""
    return int(value) if float(value).is_integer() else value


_INPUTS: dict[type[described.Parameter], Callable[[Any, Catalogue, Asked], Input]] = {
    described.EndpointOf: EndpointInput,
    described.OutcomeOf: OutcomeInput,
    described.VariableOf: VariableInput,
    described.VariablesOf: VariablesInput,
    described.CutoffOf: CutoffInput,
    described.ChoiceOf: ChoiceInput,
    described.YesNo: YesNoInput,
    described.Number: NumberInput,
    described.Numbers: NumbersInput,
    described.Words: WordsInput,
    described.MarkerOf: MarkerInput,
    described.ScoreOf: ScoreInput,
    described.ProductsOf: ProductsInput,
    described.LevelsOf: LevelsInput,
    described.ModelsOf: ModelsInput,
    described.ConfigurationOf: ConfigurationInput,
}


def input_of(parameter: described.Parameter, catalogue: Catalogue, asked: Asked) -> Input:
    return _INPUTS[type(parameter)](parameter, catalogue, asked)
