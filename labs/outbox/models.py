from django.db import models
from django.utils.translation import gettext_lazy as _


class Outbox(models.Model):
    """A message that leaves the system. Written in the transaction that causes it, sent afterwards, retried."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENT = "sent", _("sent")
        DEAD = "dead", _("given up")

    created_at = models.DateTimeField(auto_now_add=True)
    recipient = models.EmailField(_("recipient"))
    subject = models.CharField(_("subject"), max_length=200)
    text = models.TextField(_("text"))
    html = models.TextField(_("HTML"), blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt = models.DateTimeField()
    last_error = models.CharField(max_length=300, blank=True)
    # The same message asked for twice (a task run again after a crash) is one message.
    key = models.CharField(max_length=100, unique=True)

    class Meta:
        ordering = ("-created_at",)
        verbose_name = _("outgoing message")
        verbose_name_plural = _("outgoing messages")
        indexes = [models.Index(fields=["next_attempt"], condition=models.Q(state="waiting"), name="outbox_waiting")]

    def __str__(self) -> str:
        return self.subject
