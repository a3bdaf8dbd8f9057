from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysis.exports.profiles import Profile
from analysis.exports.wish import Wish
from registry.cohorts.models import Cohort


class ExportJob(models.Model):
    """One bundle: what was asked, how far it is, and what it became. Its file goes; the row stays as the record."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("being made")
        DONE = "done", _("ready")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="exports", verbose_name=_("asked by")
    )
    asked_at = models.DateTimeField(_("asked"), auto_now_add=True)
    cohorts = models.ManyToManyField(Cohort, related_name="exports", verbose_name=_("cohorts"))
    profile = models.CharField(_("profile"), max_length=10, choices=Profile.choices)
    purpose = models.CharField(_("purpose"), max_length=300)
    recipient = models.CharField(_("recipient"), max_length=200)
    wish = models.JSONField()
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    claimed_by = models.CharField(max_length=100, blank=True)
    # An export whose worker died is taken up again once its lease has run out.
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    rows_done = models.PositiveBigIntegerField(default=0)
    rows_total = models.PositiveBigIntegerField(default=0)
    error = models.CharField(_("what went wrong"), max_length=500, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    expires_at = models.DateTimeField(_("can be downloaded until"), null=True)
    # Empty when the file is not there yet or not there any more.
    file_name = models.CharField(max_length=100, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    manifest = models.JSONField(default=dict)
    downloads = models.PositiveIntegerField(_("downloads"), default=0)

    unexported_values = ("file_name", "claimed_by")

    class Meta:
        ordering = ("-id",)
        verbose_name = _("export")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "running", "done", "failed", "cancelled"]),
                name="export_state_known",
            ),
            models.CheckConstraint(
                condition=models.Q(profile__in=["anonymous", "limited", "identified"]), name="export_profile_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(purpose="") & ~models.Q(recipient=""), name="export_says_what_for"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="done") | (models.Q(expires_at__isnull=False) & ~models.Q(sha256="")),
                name="export_done_has_hash",
            ),
        ]

    def __str__(self) -> str:
        return f"E-{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("analysis:export", args=[self.pk])

    @property
    def wished(self) -> Wish:
        return Wish.from_json(self.wish)

    @property
    def path(self) -> Path:
        return settings.EXPORTS_ROOT / self.file_name

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.WAITING, self.State.RUNNING)

    @property
    def can_be_downloaded(self) -> bool:
        return bool(
            self.state == self.State.DONE and self.file_name and self.expires_at and self.expires_at > timezone.now()
        )

    @property
    def files(self) -> list[dict[str, Any]]:
        return list(self.manifest.get("files", []))

    @property
    def bundle_name(self) -> str:
        return f"hepatica-export-{self.pk}.zip"


def lifetime() -> timedelta:
    return timedelta(days=settings.EXPORT_DAYS)
