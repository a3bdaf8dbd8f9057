"""What the kinds that judge a prediction can be asked."""

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from analysis.definitions.parameters import (
    DIRECTION,
    POSITIVE,
    ChoiceOf,
    Definition,
    ModelsOf,
    Number,
    OutcomeOf,
    Part,
    Sort,
    VariablesOf,
    YesNo,
)

ROC = Definition(
    "roc",
    _("How well markers tell responders from others."),
    _("area under the ROC curve with its interval, DeLong's test"),
    (
        VariablesOf(name="markers", label=_("Markers"), required=True, sort=Sort.NUMBER),
        replace(POSITIVE, part=Part.WHAT, help=""),
        DIRECTION,
        YesNo(name="compare", label=_("Compare the markers pair by pair"), usual=True, part=Part.HOW),
    ),
)

DECISION = Definition(
    "decision",
    _("Whether acting on a model does more good than treating all or none, over thresholds of risk."),
    _("net benefit; no test"),
    (
        OutcomeOf(name="endpoint", label=_("Outcome"), required=True),
        Number(
            name="horizon",
            label=_("By which time"),
            unit=_("months"),
            help=_("Of an endpoint; leave it empty for response."),
        ),
        ModelsOf(name="models", label=_("Model")),
        POSITIVE,
        VariablesOf(
            name="risks",
            label=_("Variables that are probabilities already"),
            sort=Sort.NUMBER,
            part=Part.HOW,
        ),
        Number(name="from", label=_("Lowest threshold"), help=_("0.01 if left empty."), part=Part.HOW),
        Number(name="to", label=_("Highest threshold"), help=_("0.99 if left empty."), part=Part.HOW),
        Number(name="by", label=_("Step between thresholds"), help=_("0.01 if left empty."), part=Part.HOW),
        ChoiceOf(
            name="rule",
            label=_("Positive is a risk"),
            choices=((">", _("above the threshold")), (">=", _("at or above the threshold"))),
            part=Part.HOW,
        ),
    ),
)
