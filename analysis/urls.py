from django.urls import path

from analysis.agreement import views as agreement
from analysis.views import analyses, files, health, home, reporting, reports, triangles

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
    path("reports/<int:pk>/report.pdf", reports.report_pdf, name="report-pdf"),
    path("reports/<int:pk>/figures/<int:number>.svg", reports.report_figure, name="report-figure"),
    path("cohorts/<slug:code>/reporting/", reporting.reporting, name="reporting"),
    path("cohorts/<slug:code>/reporting/schedule/", reporting.reporting_schedule, name="reporting-schedule"),
    path("cohorts/<slug:code>/reporting/subscribers/", reporting.reporting_subscribers, name="reporting-subscribers"),
    path("cohorts/<slug:code>/report/", reports.report_run, name="report-run"),
    path("cohorts/<slug:code>/subscription/", reports.report_subscribe, name="report-subscribe"),
]
