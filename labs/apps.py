from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class LabsConfig(AppConfig):
    name = "labs"
    verbose_name = _("Laboratory")

    def ready(self) -> None:
        post_migrate.connect(_load_catalogues, sender=self)
        _add_navigation()


def _add_navigation() -> None:
    # Models are not loaded yet when apps are.
    from labs.ihc.access import LISTING
    from registry.people.navigation import add_entry

    add_entry(_("Stains"), "labs:stains", roles=LISTING, order=40)


def _load_catalogues(**kwargs: Any) -> None:
    # Models are not loaded yet when apps are.
    from labs.blood import analytes
    from labs.markers import catalogue
    from registry.log.actors import Actor

    if kwargs["using"] == "default" and _is_up_to_date(kwargs["apps"]):
        by = Actor.system("catalogue", "migrate")
        catalogue.load_catalogue(by=by)
        analytes.load_catalogue(by=by)


def _is_up_to_date(migrated: Any) -> bool:
    """Not while a migration stops halfway: then the tables are not those of the models."""
    from labs.blood.models import Analyte, UnitSpelling
    from labs.markers.models import Antibody, Marker

    try:
        return all(
            {field.name for field in migrated.get_model("labs", model.__name__)._meta.fields}
            == {field.name for field in model._meta.fields}
            for model in (Analyte, UnitSpelling, Antibody, Marker)
        )
    except LookupError:
        return False
