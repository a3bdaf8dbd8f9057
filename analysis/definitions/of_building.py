"""What the kinds that build a prognostic model can be asked."""

from django.utils.translation import gettext_lazy as _

from analysis.definitions.parameters import ENDPOINT, ChoiceOf, Definition, Number, Part, Sort, VariablesOf

TIES = ChoiceOf(
    name="ties",
    label=_("Events at the same time"),
    choices=(("efron", "Efron"), ("breslow", "Breslow")),
    part=Part.HOW,
)
NUMBERS = VariablesOf(name="covariates", label=_("Covariates"), required=True, sort=Sort.NUMBER)

SCREEN = Definition(
    "screen",
    _("Which of many covariates go with the hazard of an endpoint, each looked at alone."),
    _("Wald test of Cox regression, adjusted for the number of covariates"),
    (
        ENDPOINT,
        NUMBERS,
        ChoiceOf(
            name="by",
            label=_("A covariate is chosen by"),
            choices=(("q", _("its adjusted p (q)")), ("p", _("its p alone"))),
        ),
        Number(name="threshold", label=_("Chosen below"), help=_("0.05 if left empty.")),
        ChoiceOf(
            name="adjust",
            label=_("Adjustment"),
            choices=(("bh", "Benjamini–Hochberg"), ("holm", "Holm"), ("bonferroni", "Bonferroni")),
            part=Part.HOW,
        ),
        TIES,
    ),
)

LASSO = Definition(
    "lasso",
    _("A model of few among many covariates, chosen together by how well they predict patients left out."),
    _("penalised Cox regression, cross-validated; no test"),
    (
        ENDPOINT,
        NUMBERS,
        Number(name="folds", label=_("Folds"), help=_("10 if left empty."), is_whole=True, part=Part.HOW),
        Number(
            name="seed",
            label=_("Seed of the folds"),
            help=_("The same seed gives the same folds."),
            is_whole=True,
            part=Part.HOW,
        ),
        Number(
            name="alpha",
            label=_("Share of the lasso in the penalty"),
            help=_("1 if left empty; towards 0 covariates that go together stay together."),
            part=Part.HOW,
        ),
    ),
)
