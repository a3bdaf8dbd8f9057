"""What the kinds that build a prognostic model can be asked."""

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from analysis.definitions.parameters import (
    CATEGORIES,
    ENDPOINT,
    REFERENCES,
    SEED,
    TIMES,
    ChoiceOf,
    Definition,
    Number,
    Part,
    Sort,
    VariablesOf,
)

TIES = ChoiceOf(
    name="ties",
    label=_("Events at the same time"),
    choices=(("efron", "Efron"), ("breslow", "Breslow")),
    part=Part.HOW,
)
MODEL = (VariablesOf(name="covariates", label=_("Covariates"), required=True), CATEGORIES, REFERENCES)
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

STEPWISE = Definition(
    "stepwise",
    _("Which of a few covariates stay in a Cox model when they are added and dropped one at a time."),
    _("information criterion (AIC or BIC) of Cox regression"),
    (
        ENDPOINT,
        *MODEL,
        ChoiceOf(
            name="direction",
            label=_("Moves"),
            choices=(("both", _("add and drop")), ("backward", _("drop only")), ("forward", _("add only"))),
            part=Part.HOW,
        ),
        ChoiceOf(name="criterion", label=_("Criterion"), choices=(("aic", "AIC"), ("bic", "BIC")), part=Part.HOW),
        ChoiceOf(
            name="start",
            label=_("First model"),
            choices=(("full", _("all covariates")), ("null", _("no covariate"))),
            part=Part.HOW,
        ),
        replace(TIES, choices=(*TIES.choices, ("exact", _("exact")))),
    ),
)

NOMOGRAM = Definition(
    "nomogram",
    _("Points for the values of a few covariates, and survival for each sum of points."),
    _("Cox regression; no test of the nomogram"),
    (ENDPOINT, *MODEL, replace(TIMES, label=_("Survival at (months)"), required=True, part=Part.WHAT), TIES),
)

CALIBRATION = Definition(
    "calibration",
    _("Whether the survival that a Cox model predicts is the survival seen, and what is left of it in new patients."),
    _("bootstrap correction for optimism; no test"),
    (
        ENDPOINT,
        *MODEL,
        Number(name="horizon", label=_("Survival at"), unit=_("months"), required=True),
        Number(
            name="per_group",
            label=_("Patients in a group"),
            help=_("A fifth of them if left empty."),
            is_whole=True,
            part=Part.HOW,
        ),
        Number(
            name="resamples",
            label=_("Resamples of the bootstrap"),
            help=_("200 if left empty."),
            is_whole=True,
            part=Part.HOW,
        ),
        SEED,
        TIES,
    ),
)

PIPELINE = Definition(
    "pipeline",
    _("From candidates to a score: chosen alone, by the lasso and stepwise, then judged beside clinical features."),
    _("the tests of its steps; the choice itself has none"),
    (
        ENDPOINT,
        replace(NUMBERS, label=_("Candidates")),
        VariablesOf(name="clinical", label=_("Clinical features")),
        replace(TIMES, label=_("Judged at (months)"), required=True, part=Part.WHAT),
        ChoiceOf(
            name="by",
            label=_("A candidate passes the screen by"),
            choices=(("p", _("its p alone")), ("q", _("its adjusted p (q)"))),
            part=Part.HOW,
        ),
        Number(name="threshold", label=_("Passes below"), help=_("0.05 if left empty."), part=Part.HOW),
        ChoiceOf(
            name="penalty",
            label=_("Penalty of the lasso"),
            choices=(("min", _("the best (lambda.min)")), ("1se", _("within one standard error (lambda.1se)"))),
            part=Part.HOW,
        ),
        replace(CATEGORIES, label=_("Clinical features whose numbers are categories")),
        REFERENCES,
        Number(name="folds", label=_("Folds"), help=_("10 if left empty."), is_whole=True, part=Part.HOW),
        Number(name="resamples", label=_("Resamples of the bootstrap"), is_whole=True, part=Part.HOW),
        Number(name="seed", label=_("Seed"), is_whole=True, part=Part.HOW),
        ChoiceOf(
            name="study",
            label=_("Say beside it what was found by"),
            choices=(("", _("nobody")), ("gao-2025", "Gao et al. 2025")),
            part=Part.HOW,
        ),
    ),
)
