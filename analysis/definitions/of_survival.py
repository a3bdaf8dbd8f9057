"""What the kinds of survival can be asked."""

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from analysis.definitions.parameters import (
    DIRECTION,
    ENDPOINT,
    LANDMARK,
    MODEL,
    POSITIVE,
    SEED,
    TIMES,
    ChoiceOf,
    CutoffOf,
    Definition,
    EndpointOf,
    Number,
    OutcomeOf,
    Part,
    ScoreOf,
    Sort,
    VariableOf,
    VariablesOf,
)

SURVIVAL = Definition(
    "survival",
    _("Kaplan–Meier curves of everybody, of a marker's high and low groups, or of categories."),
    _("log-rank test, hazard ratio by Cox regression"),
    (
        ENDPOINT,
        VariableOf(
            name="marker",
            label=_("Marker to split"),
            help=_("High means above the cutoff. Leave marker and group empty for one curve of everybody."),
            sort=Sort.NUMBER,
        ),
        CutoffOf(
            name="cutoff",
            label=_("Cutoff"),
            of="marker",
            methods=("registered", "published", "median", "optimal", "value"),
            none=_("the median, if a marker is split"),
        ),
        VariableOf(name="group", label=_("Or a category to compare"), sort=Sort.CATEGORY),
        TIMES,
        ChoiceOf(
            name="conf_type",
            label=_("Scale of the confidence intervals"),
            choices=(
                ("log", _("logarithm")),
                ("log-log", _("log of the log")),
                ("plain", _("plain")),
                ("logit", _("logit")),
                ("arcsin", _("arcsine")),
            ),
            part=Part.HOW,
        ),
        Number(name="tau", label=_("Restricted mean up to"), unit=_("months"), part=Part.HOW),
        LANDMARK,
    ),
)

COX = Definition(
    "cox",
    _("How several variables together go with the hazard of an endpoint."),
    _("likelihood-ratio and Wald tests of Cox regression"),
    (
        ENDPOINT,
        *MODEL,
        VariablesOf(
            name="strata",
            label=_("Strata"),
            help=_("Each level has a baseline hazard of its own, and no estimate."),
            sort=Sort.CATEGORY,
            part=Part.HOW,
        ),
        VariableOf(
            name="cluster",
            label=_("Cluster"),
            help=_("Patients who belong together, for robust standard errors."),
            sort=Sort.CATEGORY,
            part=Part.HOW,
        ),
        ChoiceOf(
            name="ties",
            label=_("Events at the same time"),
            choices=(("efron", "Efron"), ("breslow", "Breslow"), ("exact", _("exact"))),
            part=Part.HOW,
        ),
        LANDMARK,
    ),
)

COMPETING = Definition(
    "competing",
    _("Cumulative incidence of an event which another event makes impossible."),
    _("Gray's test, Fine–Gray and cause-specific regression"),
    (
        ENDPOINT,
        EndpointOf(
            name="competing", label=_("Competing endpoint"), help=_("Whichever comes first counts."), required=True
        ),
        VariableOf(name="group", label=_("Category to compare"), sort=Sort.CATEGORY),
        *MODEL,
        TIMES,
    ),
)

TIMEROC = Definition(
    "timeroc",
    _("How well markers tell who has the event by a given time."),
    _("area under the time-dependent ROC curve with its interval"),
    (
        ENDPOINT,
        VariablesOf(name="markers", label=_("Markers"), required=True, sort=Sort.NUMBER),
        replace(TIMES, required=True, part=Part.WHAT),
        replace(
            DIRECTION,
            choices=(
                ("<", _("higher values go with the event")),
                (">", _("lower values go with the event")),
                ("auto", _("of each marker as its concordance says")),
            ),
        ),
    ),
)

CUTPOINT = Definition(
    "cutpoint",
    _("The cutoff of a marker that separates best, with a p that allows for having looked at all of them."),
    _("maximally selected statistic with corrected p"),
    (
        VariableOf(name="marker", label=_("Marker"), required=True, sort=Sort.NUMBER),
        OutcomeOf(name="endpoint", label=_("Outcome"), required=True, response=("outcome", "response")),
        POSITIVE,
        DIRECTION,
        Number(
            name="minprop",
            label=_("Smallest share on either side"),
            help=_("Of a survival endpoint; 0.1 if left empty."),
            part=Part.HOW,
        ),
        Number(
            name="resamples",
            label=_("Resamples of the bootstrap"),
            help=_("1000 if left empty."),
            is_whole=True,
            part=Part.HOW,
        ),
        SEED,
    ),
)

RISK_SCORE = Definition(
    "risk_score",
    _("A registered risk model applied to this cohort: survival of those with a high and a low score."),
    _("log-rank test, hazard ratio by Cox regression"),
    (
        ENDPOINT,
        ScoreOf(name="model", label=_("Risk model"), number="number", terms="terms", required=True),
        CutoffOf(
            name="cutoff",
            label=_("Cutoff of the score"),
            of="",
            methods=("median", "optimal", "value"),
            none=_("the median"),
        ),
    ),
)

VALIDATION = Definition(
    "validation",
    _("How well a registered risk model does in this cohort, and the score of each patient."),
    _("concordance, slope, time-dependent AUC, log-rank test at the model's own cutoff"),
    (
        ENDPOINT,
        ScoreOf(name="model", label=_("Risk model"), number="number", terms="terms", required=True),
        replace(TIMES, help=_("12, 24, 36, 60 as far as anybody was followed, if left empty.")),
    ),
)
