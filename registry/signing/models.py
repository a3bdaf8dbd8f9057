from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.log.facts import Fact
from registry.log.recording import StreamKey


class Signature(Fact):
    """Who signed what, and the digest of it. A signature that no longer holds is retired, loudly, and stays."""

    # No foreign key, as in the change log: a signature outlives the login.
    signer_id = models.CharField(max_length=64)
    signer = models.CharField(_("signed by"), max_length=150)
    meaning = models.CharField(_("meaning"), max_length=120)
    subject_type = models.CharField(max_length=60)
    subject_code = models.CharField(_("subject"), max_length=80)
    digest = models.CharField(_("digest of what was signed"), max_length=64)
    signed_at = models.DateTimeField(_("signed"), auto_now_add=True)
    cohort = models.ForeignKey("registry.Cohort", on_delete=models.PROTECT, null=True, related_name="signatures")

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("signature")
        indexes = [models.Index(fields=["subject_type", "subject_code"], name="signature_by_subject")]

    def __str__(self) -> str:
        return f"{self.meaning} {self.subject_code}"

    def streams(self) -> Iterable[StreamKey]:
        return [(self.cohort_id, "signatures")]

    def log_code(self) -> str:
        return self.subject_code
