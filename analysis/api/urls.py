from django.urls import URLPattern, path

from analysis.api import analyses
from registry.api.documentation import offer
from registry.api.endpoints import expose

offer("analyses", analyses.Analyses)
offer("reports", analyses.Reports)

_ONE = "cohorts/<slug:code>/analyses/<slug:slug>/"

urlpatterns: list[URLPattern] = [
    path("analyses/", expose(analyses.Analyses), name="analyses"),
    path(_ONE, expose(analyses.OneAnalysis), name="analysis"),
    path(f"{_ONE}result/", expose(analyses.CurrentResult), name="analysis-result"),
    path(f"{_ONE}rerun/", expose(analyses.Rerun), name="analysis-rerun"),
    path(f"{_ONE}cancel/", expose(analyses.Cancel), name="analysis-cancel"),
    path("reports/", expose(analyses.Reports), name="reports"),
    path("reports/<int:pk>/", expose(analyses.OneReport), name="report"),
]
