"""The product's addresses and one page more, which shows charts of hand-made results."""

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

from analysis.charts import kaplan_meier, roc
from analysis.charts.omics import mutation_summary
from config.urls import urlpatterns as product
from registry.people.access import public
from tests.analysis.charts import results

PAGE = """{% extends "base.html" %}{% block title %}Charts{% endblock %}{% block content %}<h1>Charts</h1>
{% include "components/chart.html" with id="km" spec=km %}{% include "components/chart.html" with id="roc" spec=roc %}
{% include "components/chart.html" with id="panels" spec=panels %}
<div id="later" hx-get="/charts-part/" hx-trigger="click"><button class="button">More</button></div>{% endblock %}"""

MUTATIONS = {
    "by_class": {"Missense_Mutation": [9, 4, 2], "Translation_Start_Site": [1, 0, 0]},
    "types": {"SNP": 16},
    "substitutions": {"C>T": 11, "T>C": 5},
    "genes": [{"gene": "TP53", "mutated": 2, "classes": {"Missense_Mutation": 2}}],
}


def _survival() -> dict[str, object]:
    result = results.survival()
    ticks = [float(tick) for tick in range(0, 66, 6)]
    counts = {"n_risk": [100 + tick for tick in range(11)], "events": [0] * 11, "censored": [0] * 11}
    rows = [counts | {"name": group["name"]} for group in result["groups"]]
    return kaplan_meier.chart(result | {"risk_table": {"times": ticks, "rows": rows}})


@public
def charts(request: HttpRequest) -> HttpResponse:
    template = engines["django"].from_string(PAGE)
    specs = {"km": _survival(), "roc": roc.chart(results.roc()), "panels": mutation_summary.chart(MUTATIONS)}
    return HttpResponse(template.render(specs, request))


@public
def part(request: HttpRequest) -> HttpResponse:
    template = engines["django"].from_string('{% include "components/chart.html" with id="swapped" spec=spec %}')
    return HttpResponse(template.render({"spec": roc.chart(results.roc())}, request))


urlpatterns = [path("charts/", charts), path("charts-part/", part), *product]
