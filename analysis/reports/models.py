import json
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.cohorts.models import Cohort


class Report(models.Model):
    """One cohort-wide reanalysis and what it found; page, mail and file are drawn from the same content."""

    class State(models.TextChoices):
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="reports")
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    trigger = models.CharField(max_length=20)
    requested_by = models.CharField(max_length=150)
    started_at = models.DateTimeField(auto_now_add=True)
    # A report whose worker died is taken up again once its lease has run out.
    lease_until = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=200, blank=True)
    content = models.TextField(default="{}")

    class Meta:
        ordering = ("-id",)
        verbose_name = _("report")

    def __str__(self) -> str:
        return f"{self.cohort.code} {self.started_at:%Y-%m-%d}"

    @property
    def content_values(self) -> dict[str, Any]:
        return dict(json.loads(self.content))


class Subscription(models.Model):
    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="subscriptions", verbose_name=_("cohort"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="subscriptions", verbose_name=_("user")
    )
    weekly_report = models.BooleanField(_("weekly report"), default=True)
    conclusion_alerts = models.BooleanField(_("conclusion alerts"), default=True)

    class Meta:
        verbose_name = _("subscription to reports")
        verbose_name_plural = _("subscriptions to reports")
        constraints = [
            models.UniqueConstraint(fields=["cohort", "user"], name="subscription_once"),
            models.CheckConstraint(
                condition=models.Q(weekly_report=True) | models.Q(conclusion_alerts=True),
                name="subscription_to_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} ← {self.cohort}"
