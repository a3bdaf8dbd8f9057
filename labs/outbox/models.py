from django.db import models
from django.utils.translation import gettext_lazy as _


class Outbox(models.Model):
    """What leaves the system. Written with what causes it, sent afterwards, retried, in the end given up."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENT = "sent", _("sent")
        DEAD = "dead", _("given up")

    class Kind(models.TextChoices):
        EMAIL = "email", _("e-mail")
        # To another system: `target` is the name of its connector, `payload` what that makes a request of.
        DELIVERY = "delivery", _("delivery")

    created_at = models.DateTimeField(auto_now_add=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.EMAIL)
    recipient = models.EmailField(_("recipient"), blank=True)
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    text = models.TextField(_("text"), blank=True)
    html = models.TextField(_("HTML"), blank=True)
    target = models.CharField(_("target"), max_length=60, blank=True)
    payload = models.JSONField(_("payload"), default=dict, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt = models.DateTimeField()
    last_error = models.CharField(max_length=300, blank=True)
    # The same message asked for twice (a task run again after a crash) is one message.
    key = models.CharField(max_length=100, unique=True)

    # What another system answered is its own text.
    unexported_values = ("payload", "last_error")

    class Meta:
        ordering = ("-created_at",)
        verbose_name = _("outgoing message")
        verbose_name_plural = _("outgoing messages")
        indexes = [models.Index(fields=["next_attempt"], condition=models.Q(state="waiting"), name="outbox_waiting")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind="email", target="") | (models.Q(kind="delivery") & ~models.Q(target="")),
                name="outbox_delivery_has_target",
            )
        ]

    def __str__(self) -> str:
        return self.subject or f"{self.target} {self.pk}"
