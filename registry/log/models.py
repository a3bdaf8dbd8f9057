import json
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class Stream(models.Model):
    """How often a domain of a cohort has changed: what an analysis compares to know that it is stale."""

    cohort = models.ForeignKey("registry.Cohort", on_delete=models.PROTECT, null=True, related_name="stream_versions")
    domain = models.CharField(max_length=80)
    version = models.PositiveBigIntegerField(default=0)
    changed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cohort", "domain"], name="stream_once_per_cohort"),
            models.UniqueConstraint(
                fields=["domain"], condition=models.Q(cohort__isnull=True), name="stream_once_without_cohort"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.domain}@{self.version}"


class Action(models.TextChoices):
    CREATE = "create", _("created")
    UPDATE = "update", _("changed")
    CORRECT = "correct", _("corrected")
    RETIRE = "retire", _("marked as entered in error")
    READ = "read", _("read")


class Change(models.Model):
    """One row per fact written; never updated, never deleted (triggers in registry/log/appendonly.py)."""

    at = models.DateTimeField()
    batch = models.UUIDField()
    # No foreign key: a user's deletion would update or refuse rows of the log.
    actor_id = models.CharField(max_length=64, blank=True)
    actor_name = models.CharField(max_length=150)
    source = models.CharField(max_length=20)
    cohort = models.ForeignKey("registry.Cohort", on_delete=models.PROTECT, null=True, related_name="changes")
    domain = models.CharField(max_length=80)
    version = models.PositiveBigIntegerField()
    action = models.CharField(max_length=10, choices=Action.choices)
    subject_type = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=64)
    subject_code = models.CharField(max_length=80)
    # Text, not JSON columns: PostgreSQL would reorder keys and reprint numbers, and the seal is over these very bytes.
    old = models.TextField(default="{}")
    new = models.TextField(default="{}")
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("id",)
        indexes = [
            models.Index(fields=["cohort", "domain", "version"], name="change_by_stream"),
            models.Index(fields=["subject_type", "subject_id"], name="change_by_subject"),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(action__in=Action.values), name="change_action_known"),
        ]

    def __str__(self) -> str:
        return f"{self.subject_type} {self.subject_code} {self.action}"

    @property
    def old_values(self) -> dict[str, Any]:
        return dict(json.loads(self.old))

    @property
    def new_values(self) -> dict[str, Any]:
        return dict(json.loads(self.new))


class Pending(models.Model):
    """A change that waits for its seal. A table of its own: the Change row itself may not be touched again."""

    change = models.OneToOneField(Change, on_delete=models.PROTECT, primary_key=True, related_name="pending")
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = _("changes without a seal")


class Seal(models.Model):
    seq = models.PositiveBigIntegerField(primary_key=True)
    change = models.OneToOneField(Change, on_delete=models.PROTECT, related_name="seal")
    hash = models.CharField(max_length=64)
