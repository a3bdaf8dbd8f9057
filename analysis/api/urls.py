from django.urls import URLPattern, path

from analysis.api import (
    alerts,
    analyses,
    datasets,
    definitions,
    exports,
    reporting,
    riskmodels,
    run_files,
    runs,
    subcohorts,
)
from registry.api.documentation import offer
from registry.api.endpoints import expose

offer("analyses", definitions.DefinedAnalyses)
offer("alerts", alerts.Alerts)
offer("reports", analyses.Reports)
offer("snapshots", runs.Snapshots)
offer("exports", exports.Exports)
offer("risk-models", riskmodels.RiskModels)
offer("patient-scores", riskmodels.PatientScores)
offer("datasets", datasets.Datasets)

_ONE = "cohorts/<slug:code>/analyses/<slug:slug>/"
_PART = "cohorts/<slug:code>/parts/<slug:part>/"

urlpatterns: list[URLPattern] = [
    path("analyses/", expose(definitions.DefinedAnalyses), name="analyses"),
    path(_ONE, expose(definitions.DefinedAnalysis), name="analysis"),
    path(f"{_ONE}result/", expose(analyses.CurrentResult), name="analysis-result"),
    path(f"{_ONE}rerun/", expose(analyses.Rerun), name="analysis-rerun"),
    path(f"{_ONE}runs/", expose(runs.Runs), name="runs"),
    path("runs/<int:pk>/", expose(runs.OneRun), name="run"),
    path("runs/<int:pk>/result/", expose(runs.RunResult), name="run-result"),
    path("runs/<int:pk>/reexecute/", expose(runs.Reexecute), name="run-reexecute"),
    path("runs/<int:pk>/reexecutions/", expose(runs.RunReexecutions), name="run-reexecutions"),
    path("snapshots/", expose(runs.Snapshots), name="snapshots"),
    path("snapshots/<int:pk>/", expose(runs.OneSnapshot), name="snapshot"),
    path(f"{_ONE}diff/", expose(alerts.Difference), name="analysis-diff"),
    path("alerts/", expose(alerts.Alerts), name="alerts"),
    path("alerts/<int:pk>/acknowledge/", expose(alerts.Acknowledge), name="alert-acknowledge"),
    path(f"{_ONE}cancel/", expose(analyses.Cancel), name="analysis-cancel"),
    path("reports/", expose(analyses.Reports), name="reports"),
    path("reports/<int:pk>/", expose(analyses.OneReport), name="report"),
    path("snapshots/<int:pk>/retire/", expose(runs.RetiredSnapshot), name="snapshot-retire"),
    path("cohorts/<slug:code>/parts/", expose(subcohorts.SubCohorts), name="sub-cohorts"),
    path(_PART, expose(subcohorts.OneSubCohort), name="sub-cohort"),
    path(f"{_PART}versions/", expose(subcohorts.SubCohortVersions), name="sub-cohort-versions"),
    path(f"{_PART}retire/", expose(subcohorts.RetiredSubCohort), name="sub-cohort-retire"),
    path("cohorts/<slug:code>/report-schedule/", expose(reporting.Schedule), name="report-schedule"),
    path("cohorts/<slug:code>/subscribers/", expose(reporting.Subscribers), name="subscribers"),
    path("cohorts/<slug:code>/my-mails/", expose(reporting.MySubscription), name="my-mails"),
    path(f"{_ONE}retire/", expose(definitions.RetiredAnalysis), name="analysis-retire"),
    path(f"{_ONE}restore/", expose(definitions.RestoredAnalysis), name="analysis-restore"),
    path("runs/<int:pk>/rows/", expose(run_files.RunRows), name="run-rows"),
    path("runs/<int:pk>/r-script/", expose(run_files.RunScript), name="run-r"),
    path("runs/<int:pk>/figures/<slug:name>/<slug:extension>/", expose(run_files.RunFigure), name="run-figure"),
    path("runs/<int:pk>/tables/", expose(run_files.RunTables), name="run-tables"),
    path("datasets/", expose(datasets.Datasets), name="datasets"),
    path("datasets/<int:pk>/", expose(datasets.OneDataset), name="dataset"),
    path("datasets/<int:pk>/retire/", expose(datasets.RetiredDataset), name="dataset-retire"),
    path("cohorts/<slug:code>/datasets/", expose(datasets.CohortDatasets), name="cohort-datasets"),
    path("risk-models/", expose(riskmodels.RiskModels), name="risk-models"),
    path("patient-scores/", expose(riskmodels.PatientScores), name="patient-scores"),
    path("exports/", expose(exports.Exports), name="exports"),
    path("exports/<int:pk>/", expose(exports.OneExport), name="export"),
    path("exports/<int:pk>/cancel/", expose(exports.CancelledExport), name="export-cancel"),
    path("exports/<int:pk>/bundle/", expose(exports.ExportBundle), name="export-bundle"),
]
