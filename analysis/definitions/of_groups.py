"""What the kinds that describe and compare can be asked."""

from django.utils.translation import gettext_lazy as _

from analysis.definitions.parameters import (
    ChoiceOf,
    CutoffOf,
    Definition,
    MarkerOf,
    Part,
    Sort,
    VariableOf,
    VariablesOf,
    Words,
    YesNo,
)

_GROUP = VariableOf(name="group", label=_("Groups"), required=True, or_response=True)
_CUTOFF = CutoffOf(
    name="cutoff",
    label=_("Cutoff of the groups"),
    help=_("Where the groups are a marker's high and low."),
    of="group",
    methods=("registered", "published", "median", "value"),
    none=_("not split: the groups are categories"),
)

COMPARE = Definition(
    "compare",
    _("Measurements compared between groups: responders and others, high and low, categories."),
    _("by the declared rule, unless one is chosen"),
    (
        _GROUP,
        _CUTOFF,
        VariablesOf(name="values", label=_("Measurements to compare"), required=True, sort=Sort.NUMBER),
        ChoiceOf(
            name="test",
            label=_("Test"),
            choices=(
                ("auto", _("by the declared rule")),
                ("student", _("Student's t test")),
                ("welch", _("Welch's t test")),
                ("mann-whitney", _("Mann–Whitney")),
                ("anova", _("analysis of variance")),
                ("welch-anova", _("Welch's analysis of variance")),
                ("kruskal", _("Kruskal–Wallis")),
            ),
            part=Part.HOW,
        ),
    ),
)

TABLE1 = Definition(
    "table1",
    _("Who the patients are, by group: numbers, shares, standardised differences."),
    _("by the kind of each variable"),
    (
        _GROUP,
        _CUTOFF,
        VariablesOf(name="columns", label=_("Variables"), required=True),
        VariablesOf(
            name="categorical",
            label=_("Variables whose numbers are categories"),
            help=_("Of the variables above only; what holds words is a category anyway."),
            part=Part.HOW,
        ),
    ),
)

CORRELATE = Definition(
    "correlate",
    _("How measurements go together, pair by pair, with p for having looked at all pairs."),
    _("rank or moment correlation, adjusted for the number of pairs"),
    (
        VariablesOf(
            name="columns",
            label=_("Measurements"),
            help=_("At least two."),
            required=True,
            sort=Sort.NUMBER,
        ),
        ChoiceOf(
            name="method",
            label=_("Coefficient"),
            choices=(("spearman", _("Spearman's rho")), ("pearson", _("Pearson's r")), ("kendall", _("Kendall's tau"))),
            part=Part.HOW,
        ),
        ChoiceOf(
            name="adjust",
            label=_("Adjustment of p"),
            choices=(("bh", _("Benjamini–Hochberg")), ("holm", _("Holm")), ("none", _("none"))),
            part=Part.HOW,
        ),
    ),
)

AGREEMENT = Definition(
    "agreement",
    _("How well the readers of closed rounds, or several variables, agree on the same patients."),
    _("kappa, limits of agreement, intraclass correlation"),
    (
        VariableOf(
            name="marker",
            label=_("Marker whose readers are compared"),
            help=_("Of closed rounds. Or choose raters below, not both."),
            sort=Sort.READ,
        ),
        VariablesOf(name="raters", label=_("Or raters"), help=_("At least two variables that judge the same.")),
        ChoiceOf(
            name="weights",
            label=_("Credit of kappa for near misses"),
            choices=(("none", _("none")), ("linear", _("linear")), ("quadratic", _("quadratic"))),
            part=Part.HOW,
        ),
        Words(
            name="levels",
            label=_("Categories in their order"),
            help=_("Separated by commas; numbers go by size if left empty."),
            part=Part.HOW,
        ),
        YesNo(name="icc", label=_("Intraclass correlations"), part=Part.HOW),
    ),
)

WET_LAB = Definition(
    "wet_lab",
    _("One marker by IHC, Western blot and qPCR, in tumour against adjacent normal tissue."),
    _("paired tests by the declared rule, agreement of directions"),
    (MarkerOf(name="marker", label=_("Marker"), required=True),),
)
