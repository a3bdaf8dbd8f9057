from django.db import models
from django.utils.translation import gettext_lazy as _


class ConnectorState(models.Model):
    """How far a connector has pulled, and how its last pull went. How the other side is reached is not here."""

    name = models.CharField(_("connector"), max_length=60, unique=True)
    # When the last whole pull began: the next asks for changes from a little before it.
    seen_until = models.DateTimeField(_("seen up to"), null=True)
    # Specimens up to this key were asked for by their code.
    specimens_until = models.PositiveBigIntegerField(default=0)
    pulled_at = models.DateTimeField(_("last pull"), null=True)
    documents = models.PositiveIntegerField(_("documents in the last pull"), default=0)
    last_error = models.CharField(_("why it failed"), max_length=300, blank=True)
    failing_since = models.DateTimeField(_("failing since"), null=True)
    lease_until = models.DateTimeField(null=True)

    unexported_values = ("last_error",)

    class Meta:
        ordering = ("name",)
        verbose_name = _("state of a connector")
        verbose_name_plural = _("states of connectors")

    def __str__(self) -> str:
        return self.name
