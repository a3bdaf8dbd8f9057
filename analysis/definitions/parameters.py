"""What a kind can be asked, as data: a form is built from it, and a definition is told in its words."""

from dataclasses import dataclass
from enum import Enum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


class Sort(Enum):
    """Which of a cohort's variables can be chosen."""

    ANY = "any"
    NUMBER = "number"
    CATEGORY = "category"
    READ = "read"


class Part(Enum):
    """Where in the form it stands. Who is asked about comes first; what most people leave as it is, last."""

    WHO = "who"
    WHAT = "what"
    HOW = "how"


@dataclass(frozen=True, kw_only=True)
class Parameter:
    name: str
    label: Text
    help: Text = ""
    required: bool = False
    part: Part = Part.WHAT


@dataclass(frozen=True, kw_only=True)
class EndpointOf(Parameter):
    """One of the cohort's endpoints."""


@dataclass(frozen=True, kw_only=True)
class OutcomeOf(Parameter):
    """An endpoint, or the response to treatment, which some kinds name as another parameter of their own."""

    response: tuple[str, str] | None = None


@dataclass(frozen=True, kw_only=True)
class VariableOf(Parameter):
    sort: Sort = Sort.ANY
    # Besides a variable: the response to treatment.
    or_response: bool = False


@dataclass(frozen=True, kw_only=True)
class VariablesOf(Parameter):
    sort: Sort = Sort.ANY


@dataclass(frozen=True, kw_only=True)
class CutoffOf(Parameter):
    """Where the variable named by `of` is split."""

    of: str
    methods: tuple[str, ...]
    none: Text


@dataclass(frozen=True, kw_only=True)
class ChoiceOf(Parameter):
    choices: tuple[tuple[str, Text], ...]


@dataclass(frozen=True, kw_only=True)
class YesNo(Parameter):
    usual: bool = False


@dataclass(frozen=True, kw_only=True)
class Number(Parameter):
    unit: Text = ""
    is_whole: bool = False


@dataclass(frozen=True, kw_only=True)
class Numbers(Parameter):
    """Several, separated by commas."""


@dataclass(frozen=True, kw_only=True)
class Words(Parameter):
    """Several, separated by commas, in an order that matters."""


@dataclass(frozen=True, kw_only=True)
class ConfigurationOf(Parameter):
    """Steps of discovery, as TOML."""


@dataclass(frozen=True, kw_only=True)
class MarkerOf(Parameter):
    """A marker that was blotted or amplified in the cohort, by its code alone."""


@dataclass(frozen=True, kw_only=True)
class ScoreOf(Parameter):
    """A registered risk model in one of its versions, and which variable each of its terms is."""

    number: str
    terms: str


@dataclass(frozen=True, kw_only=True)
class ProductsOf(Parameter):
    """Products of two or more variables."""

    rows: int = 3


@dataclass(frozen=True, kw_only=True)
class LevelsOf(Parameter):
    """For some categories the level that the others are compared with."""


@dataclass(frozen=True, kw_only=True)
class ModelsOf(Parameter):
    """Named models, each with covariates, which may be taken as logarithms or as categories."""

    rows: int = 4


@dataclass(frozen=True)
class Definition:
    """One kind, as the form shows it: what it answers, by which test, and what it can be asked."""

    kind: str
    answers: Text
    test: Text
    parameters: tuple[Parameter, ...]


ENDPOINT = EndpointOf(name="endpoint", label=_("Endpoint"), required=True)
LANDMARK = Number(
    name="landmark",
    label=_("Landmark"),
    unit=_("months"),
    help=_("Only patients still watched then; their time counts from there."),
    part=Part.HOW,
)
TIMES = Numbers(
    name="times", label=_("At these times (months)"), help=_("Separated by commas, such as 12, 24, 36."), part=Part.HOW
)
POSITIVE = ChoiceOf(
    name="positive",
    label=_("Cases are"),
    choices=(("responder", _("responders")), ("non-responder", _("non-responders"))),
    part=Part.HOW,
    help=_("Where the outcome is response."),
)
DIRECTION = ChoiceOf(
    name="direction",
    label=_("Direction"),
    choices=(
        ("auto", _("as the data say")),
        ("<", _("cases have higher values")),
        (">", _("cases have lower values")),
    ),
    part=Part.HOW,
)
COVARIATES = VariablesOf(name="covariates", label=_("Covariates"))
CATEGORIES = VariablesOf(
    name="categories",
    label=_("Covariates whose numbers are categories"),
    help=_("Of the covariates only; what holds words is a category anyway."),
    part=Part.HOW,
)
INTERACTIONS = ProductsOf(
    name="interactions",
    label=_("Interaction"),
    help=_("Two or more variables, whose product is a term."),
    part=Part.HOW,
)
REFERENCES = LevelsOf(
    name="references",
    label=_("Reference levels"),
    help=_("One for a covariate; else the first level by name."),
    part=Part.HOW,
)
MODEL = (COVARIATES, CATEGORIES, INTERACTIONS, REFERENCES)
SEED = Number(
    name="seed",
    label=_("Seed of the bootstrap"),
    help=_("The same seed gives the same resamples."),
    is_whole=True,
    part=Part.HOW,
)
