from django.urls import path

from analysis.agreement import views as agreement
from analysis.exports import views as exports
from analysis.exports import wizard
from analysis.views import analyses, files, health, home, reports, triangles

app_name = "analysis"

urlpatterns = [
    path("", home.home, name="home"),
    path("health/", health.health_view, name="health"),
    path("wet-lab/", triangles.wet_lab, name="wet-lab"),
    path("cohorts/<slug:code>/wet-lab/", triangles.wet_lab_define, name="wet-lab-define"),
    path("analyses/", analyses.analysis_list, name="analyses"),
    path("cohorts/<slug:code>/analyses/<slug:slug>/", analyses.analysis_page, name="analysis"),
    path("cohorts/<slug:code>/analyses/<slug:slug>/freshness/", analyses.analysis_freshness, name="analysis-freshness"),
    path("cohorts/<slug:code>/analyses/<slug:slug>/answer/", analyses.analysis_answer, name="analysis-answer"),
    path("cohorts/<slug:code>/analyses/<slug:slug>/facts/", analyses.analysis_facts, name="analysis-facts"),
    path("cohorts/<slug:code>/analyses/<slug:slug>/rerun/", analyses.analysis_rerun, name="analysis-rerun"),
    path("cohorts/<slug:code>/analyses/<slug:slug>/result.json", files.result_json, name="analysis-json"),
    path("cohorts/<slug:code>/analyses/<slug:slug>/r.zip", files.r_script, name="analysis-r"),
    path("cohorts/<slug:code>/analyses/<slug:slug>/rows.csv", files.rows_csv, name="analysis-rows"),
    path(
        "cohorts/<slug:code>/analyses/<slug:slug>/figures/<slug:name>.<slug:extension>",
        files.figure,
        name="analysis-figure",
    ),
    path("rounds/<slug:code>/agreement/", agreement.agreement, name="round-agreement"),
    path("rounds/<slug:code>/agreement/reads.csv", agreement.reads_csv, name="round-reads"),
    path("rounds/<slug:code>/comparison/", agreement.comparison, name="round-comparison"),
    path("reports/", reports.report_list, name="reports"),
    path("reports/<int:pk>/", reports.report_page, name="report"),
    path("reports/<int:pk>/report.json", reports.report_json, name="report-json"),
    path("exports/", exports.export_list, name="exports"),
    path("exports/new/what/", wizard.what, name="export-what"),
    path("exports/new/who/", wizard.who, name="export-who"),
    path("exports/new/version/", wizard.version, name="export-version"),
    path("exports/new/why/", wizard.why, name="export-why"),
    path("exports/new/summary/", wizard.summary, name="export-summary"),
    path("exports/<int:pk>/", exports.export_page, name="export"),
    path("exports/<int:pk>/bundle.zip", exports.export_download, name="export-download"),
    path("exports/<int:pk>/cancel/", exports.export_stop, name="export-cancel"),
    path("exports/<int:pk>/again/", exports.export_again, name="export-again"),
    path("cohorts/<slug:code>/exports/", exports.cohort_exports, name="cohort-exports"),
    path("cohorts/<slug:code>/report/", reports.report_run, name="report-run"),
    path("cohorts/<slug:code>/subscription/", reports.report_subscribe, name="report-subscribe"),
]
