from django.db import models
from django.utils.translation import gettext_lazy as _


class ListenerSign(models.Model):
    """That a listener lives, renewed by itself: a dead one cannot say that it is dead."""

    # Host and ports, as it was asked to listen.
    place = models.CharField(_("listener"), max_length=120, primary_key=True)
    at = models.DateTimeField(_("last sign of life"))
    started_at = models.DateTimeField(_("started at"))
    stopped_at = models.DateTimeField(_("stopped at"), null=True)

    unexported_values = ("place",)

    class Meta:
        ordering = ("place",)
        verbose_name = _("listener for messages")
        verbose_name_plural = _("listeners for messages")

    def __str__(self) -> str:
        return self.place
