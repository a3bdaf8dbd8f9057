from django.urls import path

from analysis.agreement import views as agreement
from analysis.definitions import views as definitions
from analysis.feeding import views as feeding
from analysis.plans import views as plans
from analysis.remark import views as remark
from analysis.subcohorts import views as subcohorts
from analysis.views import analyses, files, health, home, reports, running, status, triangles

app_name = "analysis"

urlpatterns = [
    path("", home.home, name="home"),
    path("health/", health.health_view, name="health"),
    path("health/live/", health.liveness, name="liveness"),
    path("status/", status.status_page, name="status"),
    path("wet-lab/", triangles.wet_lab, name="wet-lab"),
    path("cohorts/<slug:code>/wet-lab/", triangles.wet_lab_define, name="wet-lab-define"),
    path("analyses/", analyses.analysis_list, name="analyses"),
    path("cohorts/<slug:code>/analyses/<slug:slug>/", analyses.analysis_page, name="analysis"),
    path("cohorts/<slug:code>/analyses/<slug:slug>/freshness/", analyses.analysis_freshness, name="analysis-freshness"),
    path("cohorts/<slug:code>/analyses/<slug:slug>/answer/", analyses.analysis_answer, name="analysis-answer"),
    path("cohorts/<slug:code>/analyses/<slug:slug>/facts/", analyses.analysis_facts, name="analysis-facts"),
    path("cohorts/<slug:code>/analyses/<slug:slug>/rerun/", analyses.analysis_rerun, name="analysis-rerun"),
    path("cohorts/<slug:code>/analyses/<slug:slug>/running/", running.analysis_running, name="analysis-running"),
    path("cohorts/<slug:code>/analyses/<slug:slug>/cancel/", running.analysis_stop, name="analysis-cancel"),
    path("cohorts/<slug:code>/analyses/<slug:slug>/result.json", files.result_json, name="analysis-json"),
    path("cohorts/<slug:code>/analyses/<slug:slug>/r.zip", files.r_script, name="analysis-r"),
    path("cohorts/<slug:code>/analyses/<slug:slug>/rows.csv", files.rows_csv, name="analysis-rows"),
    path(
        "cohorts/<slug:code>/analyses/<slug:slug>/figures/<slug:name>.<slug:extension>",
        files.figure,
        name="analysis-figure",
    ),
    path("cohorts/<slug:code>/parts/", subcohorts.subcohorts, name="subcohorts"),
    path("cohorts/<slug:code>/parts/new/", subcohorts.subcohort_new, name="subcohort-new"),
    path("cohorts/<slug:code>/parts/<slug:part>/", subcohorts.subcohort, name="subcohort"),
    path("cohorts/<slug:code>/parts/<slug:part>/edit/", subcohorts.subcohort_edit, name="subcohort-edit"),
    path("cohorts/<slug:code>/parts/<slug:part>/history/", subcohorts.subcohort_history, name="subcohort-history"),
    path("cohorts/<slug:code>/parts/<slug:part>/retire/", subcohorts.subcohort_retire_page, name="subcohort-retire"),
    path("cohorts/<slug:code>/remark/", remark.profile, name="remark"),
    path("cohorts/<slug:code>/remark/<int:item>/", remark.note, name="remark-note"),
    path("analyses/new/", definitions.choose_cohort, name="define-in"),
    path("cohorts/<slug:code>/define/", definitions.choose_kind, name="define"),
    path("cohorts/<slug:code>/define/<slug:kind>/", definitions.define, name="define-kind"),
    path("cohorts/<slug:code>/feeds/", feeding.feeds, name="feeds"),
    path("cohorts/<slug:code>/analyses/<slug:slug>/definition/", definitions.edit, name="analysis-edit"),
    path("cohorts/<slug:code>/analyses/<slug:slug>/history/", definitions.history, name="analysis-history"),
    path("cohorts/<slug:code>/analyses/<slug:slug>/retirement/", definitions.retire, name="analysis-retire"),
    path("cohorts/<slug:code>/analyses/<slug:slug>/plan/", plans.plan, name="plan"),
    path("cohorts/<slug:code>/analyses/<slug:slug>/plan/forgo/", plans.forgo, name="plan-forgo"),
    path("rounds/<slug:code>/agreement/", agreement.agreement, name="round-agreement"),
    path("rounds/<slug:code>/agreement/reads.csv", agreement.reads_csv, name="round-reads"),
    path("rounds/<slug:code>/comparison/", agreement.comparison, name="round-comparison"),
    path("reports/", reports.report_list, name="reports"),
    path("reports/<int:pk>/", reports.report_page, name="report"),
    path("reports/<int:pk>/report.json", reports.report_json, name="report-json"),
    path("cohorts/<slug:code>/report/", reports.report_run, name="report-run"),
    path("cohorts/<slug:code>/subscription/", reports.report_subscribe, name="report-subscribe"),
]
