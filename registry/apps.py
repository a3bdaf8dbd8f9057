from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from registry.people.navigation import add_entry
from registry.people.roles import CLINICAL, Role


class RegistryConfig(AppConfig):
    name = "registry"
    verbose_name = _("Registry")

    def ready(self) -> None:
        from registry.export.tables import add_app_tables  # models are not loaded yet when apps are

        add_app_tables("registry")
        post_migrate.connect(_install_triggers, sender=self)
        add_entry(_("Cohorts"), "registry:cohorts", roles=CLINICAL, order=10)
        add_entry(_("Patients"), "registry:patients", roles=CLINICAL, order=20)
        add_entry(_("Follow-up"), "registry:due", roles=CLINICAL, order=25)
        add_entry(_("One table"), "registry:export", roles=(Role.ADMINISTRATOR,), order=80, under=_("Administration"))
        add_entry(_("Reference data"), "admin:index", roles=(Role.ADMINISTRATOR,), order=90, under=_("Administration"))


def _install_triggers(**kwargs: Any) -> None:
    from registry.log import appendonly  # models are not loaded yet when apps are

    if kwargs["using"] == "default":
        appendonly.install()
