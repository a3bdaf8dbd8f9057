from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class RegistryConfig(AppConfig):
    name = "registry"
    verbose_name = _("Registry")

    def ready(self) -> None:
        post_migrate.connect(_install_triggers, sender=self)


def _install_triggers(**kwargs: Any) -> None:
    from registry.log import appendonly  # models are not loaded yet when apps are

    if kwargs["using"] == "default":
        appendonly.install()
