"""A title for a question that was given none."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from analysis.datasets.planning import wish_of
from analysis.frames.variables import VariableNameError, parse
from analysis.kinds.grouping import RESPONSE
from analysis.stats.printing import exact

_LONGEST = 160
Asked = Mapping[str, Any]


def suggested_title(kind: str, asked: Asked) -> str:
    title = _TITLES[kind](asked)
    return title if len(title) <= _LONGEST else title[: _LONGEST - 1] + "…"


def short(name: str) -> str:
    """FAP of ihc:FAP@tumour"""
    if name == RESPONSE:
        return _("response")
    try:
        return parse(name).label
    except VariableNameError:
        return name


def _listed(names: Any) -> str:
    return ", ".join(short(str(name)) for name in names)


def _survival(asked: Asked) -> str:
    by = asked.get("marker") or asked.get("group")
    words = {"endpoint": asked["endpoint"], "by": short(by) if by else ""}
    title = _("%(endpoint)s by %(by)s") % words if by else _("%(endpoint)s of all patients") % words
    return f"{title}{_split(asked.get('cutoff'))}"


def _split(cutoff: Any) -> str:
    """The registered cutoff is what is meant where nothing is said."""
    said = {"median": _("the median"), "published": _("the published cutoff"), "optimal": _("the best cutoff")}
    if isinstance(cutoff, int | float):
        return " " + _("above %(cutoff)s") % {"cutoff": exact(cutoff)}
    return " " + _("above %(cutoff)s") % {"cutoff": said[cutoff]} if cutoff in said else ""


def _cox(asked: Asked) -> str:
    products = [name for product in asked.get("interactions", ()) for name in product]
    names = dict.fromkeys([*asked.get("covariates", ()), *products])
    return _("%(names)s together for %(endpoint)s") % {"names": _listed(names), "endpoint": asked["endpoint"]}


def _screen(asked: Asked) -> str:
    words = {"count": len(asked["covariates"]), "endpoint": asked["endpoint"]}
    return _("%(count)s covariates one by one for %(endpoint)s") % words


def _lasso(asked: Asked) -> str:
    words = {"count": len(asked["covariates"]), "endpoint": asked["endpoint"]}
    return _("Lasso of %(count)s covariates for %(endpoint)s") % words


def _stepwise(asked: Asked) -> str:
    return _("Chosen among %(names)s for %(endpoint)s") % _of_model(asked)


def _nomogram(asked: Asked) -> str:
    return _("Nomogram of %(names)s for %(endpoint)s") % _of_model(asked)


def _calibration(asked: Asked) -> str:
    words = _of_model(asked) | {"time": f"{asked['horizon']:g}"}
    return _("Calibration of %(names)s for %(endpoint)s at %(time)s months") % words


def _pipeline(asked: Asked) -> str:
    words = {"count": len(asked["covariates"]), "endpoint": asked["endpoint"]}
    return _("A score for %(endpoint)s from %(count)s candidates") % words


def _of_model(asked: Asked) -> dict[str, str]:
    return {"names": _listed(asked["covariates"]), "endpoint": asked["endpoint"]}


def _competing(asked: Asked) -> str:
    words = {"endpoint": asked["endpoint"], "other": asked["competing"]}
    title = _("%(endpoint)s with %(other)s competing") % words
    return _("%(title)s, by %(by)s") % {"title": title, "by": short(asked["group"])} if asked.get("group") else title


def _timeroc(asked: Asked) -> str:
    words = {"names": _listed(asked["markers"]), "endpoint": asked["endpoint"]}
    return _("%(names)s for %(endpoint)s over time") % words


def _roc(asked: Asked) -> str:
    of = _("non-response") if asked.get("positive") == "non-responder" else _("response")
    return _("%(names)s for %(outcome)s") % {"names": _listed(asked["markers"]), "outcome": of}


def _cutpoint(asked: Asked) -> str:
    words = {"marker": short(asked["marker"]), "outcome": asked.get("endpoint") or short(RESPONSE)}
    return _("The best cutoff of %(marker)s for %(outcome)s") % words


def _score(asked: Asked) -> str:
    return _("%(endpoint)s by the score %(model)s") % {"endpoint": asked["endpoint"], "model": asked["model"]}


def _validation(asked: Asked) -> str:
    words = {"model": asked["model"], "number": asked.get("number", 1), "endpoint": asked["endpoint"]}
    return _("Validation of %(model)s v%(number)s for %(endpoint)s") % words


def _compare(asked: Asked) -> str:
    return _("%(names)s by %(by)s") % {"names": _listed(asked["values"]), "by": short(asked["group"])}


def _table1(asked: Asked) -> str:
    return _("Baseline by %(by)s") % {"by": short(asked["group"])}


def _correlate(asked: Asked) -> str:
    return _("%(names)s together") % {"names": _listed(asked["columns"])}


def _agreement(asked: Asked) -> str:
    if "marker" in asked:
        return _("Agreement of the readers of %(marker)s") % {"marker": short(asked["marker"])}
    return _("Agreement of %(names)s") % {"names": _listed(asked["raters"])}


def _decision(asked: Asked) -> str:
    names = ", ".join([*asked.get("models", {}), *map(short, asked.get("risks", ()))])
    words = {"names": names, "outcome": asked.get("endpoint") or short(RESPONSE)}
    return _("Decision curves of %(names)s for %(outcome)s") % words


def _wet_lab(asked: Asked) -> str:
    return _("%(marker)s by IHC, Western blot and qPCR") % {"marker": asked["marker"]}


def _discovery(asked: Asked) -> str:
    written = wish_of(asked["configuration"]).written
    return written.title or _("Discovery: %(names)s") % {"names": ", ".join(step.name for step in written.steps)}


_TITLES: dict[str, Callable[[Asked], str]] = {
    "survival": _survival,
    "cox": _cox,
    "screen": _screen,
    "lasso": _lasso,
    "stepwise": _stepwise,
    "nomogram": _nomogram,
    "calibration": _calibration,
    "pipeline": _pipeline,
    "competing": _competing,
    "timeroc": _timeroc,
    "roc": _roc,
    "cutpoint": _cutpoint,
    "risk_score": _score,
    "validation": _validation,
    "compare": _compare,
    "table1": _table1,
    "correlate": _correlate,
    "agreement": _agreement,
    "decision": _decision,
    "wet_lab": _wet_lab,
    "discovery": _discovery,
}
