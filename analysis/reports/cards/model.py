"""The card of a risk model: what it is, for what it holds, and how it did here."""

from django.utils.translation import gettext as _

from analysis.kinds.wording import interval_text
from analysis.reports import blocks
from analysis.reports.blocks import Block
from analysis.reports.making import Item
from analysis.templatetags.claims import number


def model_card(item: Item) -> list[Block]:
    model = item.output.get("model")
    if not isinstance(model, dict) or "terms" not in model:
        return []
    used = item.analysis.parameters.get("terms", {})
    terms = "; ".join(
        f"{term['coefficient']:g} × {term['name']} ({used.get(term['name'], '—')})" for term in model["terms"]
    )
    rows = [
        (_("Model"), f"{model['title']} ({model['code']}, version {model['number']})"),
        (_("Terms, and the variable each is here"), terms),
        (_("Valid for values in"), model["unit"]),
        (_("Source"), model["source"]),
        (_("Fitted to these patients"), _("no: coefficients as registered")),
        *_scores(item),
        *_ratio(item),
    ]
    return [blocks.head(_("Model card"), level=4), blocks.facts(rows)]


def _scores(item: Item) -> list[tuple[str, str]]:
    scores = [row["score"] for row in item.output.get("scores", [])]
    if not scores:
        return []
    return [
        (
            _("Scores here"),
            _("%(n)s patients, %(low)s to %(high)s")
            % {"n": len(scores), "low": number(min(scores)), "high": number(max(scores))},
        )
    ]


def _ratio(item: Item) -> list[tuple[str, str]]:
    ratio = item.output.get("hr")
    if not ratio or item.output.get("refused"):
        return []
    label = _("Hazard ratio here, %(a)s against %(b)s") % {"a": ratio["compared"], "b": ratio["reference"]}
    return [(label, interval_text(ratio["hr"], ratio["low"], ratio["high"]))]
