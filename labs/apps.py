from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from registry.log.appendonly import protect


class LabsConfig(AppConfig):
    name = "labs"
    verbose_name = _("Laboratory")

    def ready(self) -> None:
        protect("labs_rawmessage", "id")
        protect("labs_acknowledgement", "id")
        post_migrate.connect(_load_catalogues, sender=self)
        _show_pages()


def _show_pages() -> None:
    # Models are not loaded yet when apps are.
    from labs.connectors.fhir.errors import plain_outcome
    from labs.expression.panels import expression_of
    from labs.ihc.access import LISTING
    from labs.inbox.access import INBOX_ROLES
    from labs.inbox.selectors import waiting_count
    from labs.panels import liver_of, measurements_of, specimen_lanes, staging_of
    from labs.rounds.access import FOLLOWERS, READERS
    from labs.rounds.blinding import hidden_of
    from labs.specimens.access import BENCH, MEASUREMENTS
    from registry.api.errors import add_shape
    from registry.export.tables import add_app_tables
    from registry.extensions import Panel, add_cohort_panel, add_hidden, add_patient_panel
    from registry.people.navigation import add_entry
    from registry.people.roles import CLINICAL, Role

    add_app_tables("labs")
    add_shape("/fhir/", plain_outcome, "application/fhir+json")
    add_hidden(hidden_of)
    add_entry(_("Inbox"), "labs:inbox", roles=INBOX_ROLES, order=34, count=waiting_count)
    add_entry(_("Stains"), "labs:stains", roles=LISTING, order=30, under=_("Bench"))
    add_entry(_("My rounds"), "labs:my-rounds", roles=READERS, order=28)
    add_entry(_("Reading rounds"), "labs:rounds", roles=FOLLOWERS, order=32, also=("/rounds/",))
    add_entry(_("Specimens"), "labs:specimens", roles=MEASUREMENTS, order=35, under=_("Bench"))
    add_entry(_("qPCR"), "labs:pcr-runs", roles=BENCH, order=36, under=_("Bench"))
    add_entry(_("Blots"), "labs:gels", roles=BENCH, order=37, under=_("Bench"))
    add_entry(_("QuPath"), "labs:qupath-imports", roles=BENCH, order=38, under=_("Bench"))
    add_entry(_("Other systems"), "labs:outgoing", roles=(Role.ADMINISTRATOR,), order=92, under=_("Administration"))
    add_patient_panel(
        Panel(
            _("Measurements"),
            roles=CLINICAL,
            query=measurements_of,
            template="labs/patient_panel.html",
            order=50,
            lanes=specimen_lanes,
        )
    )
    add_patient_panel(
        Panel(
            _("Liver function and stage"),
            roles=CLINICAL,
            query=liver_of,
            template="labs/liver_panel.html",
            order=45,
        )
    )
    add_cohort_panel(
        Panel(_("Expression"), roles=CLINICAL, query=expression_of, template="labs/expression/panel.html", order=55)
    )
    add_cohort_panel(
        Panel(
            _("Stages that disagree"),
            roles=CLINICAL,
            query=staging_of,
            template="labs/staging_panel.html",
            order=60,
        )
    )


def _load_catalogues(**kwargs: Any) -> None:
    # Models are not loaded yet when apps are.
    from labs.blood import analytes
    from labs.markers import catalogue
    from registry.log.actors import Actor

    if kwargs["using"] == "default" and _is_up_to_date(kwargs.get("apps")):
        by = Actor.system("catalogue", "migrate")
        catalogue.load_catalogue(by=by)
        analytes.load_catalogue(by=by)


def _is_up_to_date(migrated: Any) -> bool:
    """Not while a migration stops halfway: then the tables are not those of the models. A flush tells no state."""
    from labs.blood.models import Analyte, UnitSpelling
    from labs.markers.models import Antibody, Marker

    if migrated is None:
        return True
    try:
        return all(
            {field.name for field in migrated.get_model("labs", model.__name__)._meta.fields}
            == {field.name for field in model._meta.fields}
            for model in (Analyte, UnitSpelling, Antibody, Marker)
        )
    except LookupError:
        return False
