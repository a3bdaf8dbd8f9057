from django.urls import path

from analysis.agreement import views as agreement
from analysis.alerts import views as alerts
from analysis.definitions import views as definitions
from analysis.diffing import views as diffing
from analysis.feeding import views as feeding
from analysis.plans import views as plans
from analysis.remark import views as remark
from analysis.spending import views as spending
from analysis.subcohorts import views as subcohorts
from analysis.views import analyses, files, health, home, reports, running, runs, snapshots, status, triangles

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
    path("cohorts/<slug:code>/analyses/<slug:slug>/runs/", runs.run_list, name="runs"),
    path("runs/<int:pk>/", runs.run_page, name="run"),
    path("runs/<int:pk>/result.json", runs.run_json, name="run-json"),
    path("runs/<int:pk>/rows.csv", runs.run_rows, name="run-rows"),
    path("runs/<int:pk>/r.zip", runs.run_r, name="run-r"),
    path("runs/<int:pk>/figures/<slug:name>.<slug:extension>", runs.run_figure, name="run-figure"),
    path("runs/<int:pk>/citation.bib", runs.run_citation, {"form": "bib"}, name="run-bibtex"),
    path("runs/<int:pk>/citation.ris", runs.run_citation, {"form": "ris"}, name="run-ris"),
    path("runs/<int:pk>/reexecute/", runs.run_reexecute, name="run-reexecute"),
    path("runs/<int:pk>/reexecutions/", runs.run_reexecutions, name="run-reexecutions"),
    path("snapshots/", snapshots.snapshot_list, name="snapshots"),
    path("cohorts/<slug:code>/snapshots/new/", snapshots.snapshot_new, name="snapshot-new"),
    path("snapshots/<int:pk>/", snapshots.snapshot_page, name="snapshot"),
    path("snapshots/<int:pk>/analyses/<slug:slug>/", snapshots.snapshot_analysis, name="snapshot-analysis"),
    path("snapshots/<int:pk>/retire/", snapshots.snapshot_retire_page, name="snapshot-retire"),
    path("snapshots/<int:pk>/citation.bib", snapshots.snapshot_citation, {"form": "bib"}, name="snapshot-bibtex"),
    path("snapshots/<int:pk>/citation.ris", snapshots.snapshot_citation, {"form": "ris"}, name="snapshot-ris"),
    path("cohorts/<slug:code>/analyses/<slug:slug>/diff/", diffing.analysis_diff, name="analysis-diff"),
    path("cohorts/<slug:code>/analyses/<slug:slug>/diff.json", diffing.diff_json, name="analysis-diff-json"),
    path("cohorts/<slug:code>/analyses/<slug:slug>/spending/", spending.spending_plan, name="analysis-spending"),
    path("alerts/", alerts.alert_list, name="alerts"),
    path("alerts/<int:pk>/acknowledge/", alerts.alert_acknowledge_page, name="alert-acknowledge"),
    path("rounds/<slug:code>/agreement/", agreement.agreement, name="round-agreement"),
    path("rounds/<slug:code>/agreement/reads.csv", agreement.reads_csv, name="round-reads"),
    path("rounds/<slug:code>/comparison/", agreement.comparison, name="round-comparison"),
    path("reports/", reports.report_list, name="reports"),
    path("reports/<int:pk>/", reports.report_page, name="report"),
    path("reports/<int:pk>/report.json", reports.report_json, name="report-json"),
    path("cohorts/<slug:code>/report/", reports.report_run, name="report-run"),
    path("cohorts/<slug:code>/subscription/", reports.report_subscribe, name="report-subscribe"),
]
