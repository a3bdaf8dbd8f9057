"""What the analysis hangs into the registry's extension points."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from analysis.engine.doorbell import ring
from analysis.engine.schedule import install_schedule
from analysis.engine.services import rebind_analyses
from analysis.exports.frozen import frozen
from analysis.exports.ready import live
from analysis.exports.versions import add_versions
from analysis.panels import analyses_reading, cohort_alerts, cohort_analyses, count_of_alerts
from analysis.riskmodels.services import register_published
from analysis.scores.panels import scores_of
from labs.rounds.links import RoundLink, add_round_link
from registry.export.tables import add_app_tables
from registry.extensions import Panel, add_cohort_panel, add_dependents, add_patient_panel
from registry.log.actors import Actor
from registry.log.appendonly import protect
from registry.log.recording import add_doorbell
from registry.people.navigation import add_entry
from registry.people.roles import CLINICAL, EVERYBODY, Role


def connect() -> None:
    add_doorbell(ring)
    add_app_tables("analysis")
    protect("analysis_patientscore", "id", "result_id+enrolment_id")
    protect("analysis_snapshot", "id", "cohort_id+name")
    protect("analysis_snapshotresult", "id", "snapshot_id+analysis_id")
    protect("analysis_snapshotretirement", "id", "snapshot_id")
    add_cohort_panel(
        Panel(_("Analyses"), roles=CLINICAL, query=cohort_analyses, template="analysis/cohort_panel.html", order=10)
    )
    add_cohort_panel(
        Panel(_("Open alerts"), roles=CLINICAL, query=cohort_alerts, template="analysis/alerts/panel.html", order=5)
    )
    add_patient_panel(
        Panel(_("Scores"), roles=CLINICAL, query=scores_of, template="analysis/scores/panel.html", order=55)
    )
    add_dependents(analyses_reading)
    add_round_link(RoundLink(_("Agreement"), "analysis:round-agreement"))
    add_round_link(RoundLink(_("How I compare"), "analysis:round-comparison"), for_readers=True)
    add_entry(_("Home"), "analysis:home", roles=EVERYBODY, order=0)
    for order, label, url_name, of_cohorts, also in (
        (38, _("Dashboard"), "analysis:dashboards", ("dashboard",), ()),
        (40, _("Analyses"), "analysis:analyses", ("analyses", "define", "feeds", "parts"), ("/runs/",)),
        (45, _("Risk models"), "analysis:models", (), ("/models/",)),
        (50, _("Reports"), "analysis:reports", ("report", "reporting", "remark"), ()),
        (55, _("Exports"), "analysis:exports", ("exports",), ()),
        (57, _("Snapshots"), "analysis:snapshots", ("snapshots",), ()),
    ):
        add_entry(label, url_name, roles=CLINICAL, order=order, under=_("Analysis"), of_cohorts=of_cohorts, also=also)
    add_entry(_("Alerts"), "analysis:alerts", roles=CLINICAL, order=60, count=count_of_alerts)
    add_entry(_("Wet lab"), "analysis:wet-lab", roles=CLINICAL, order=45, under=_("Bench"))
    add_entry(_("Status"), "analysis:status", roles=(Role.ADMINISTRATOR,), order=95, under=_("Administration"))
    add_versions(live)
    add_versions(frozen)


def after_migrate(**kwargs: Any) -> None:
    install_schedule(**kwargs)
    if kwargs["using"] == "default":
        register_published(Actor.system("migrate"))
        rebind_analyses()
