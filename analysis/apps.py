from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AnalysisConfig(AppConfig):
    name = "analysis"
    verbose_name = _("Analysis")

    def ready(self) -> None:
        from analysis import wiring  # models are not loaded yet when apps are

        wiring.connect()
        post_migrate.connect(wiring.after_migrate, sender=self)
