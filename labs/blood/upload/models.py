from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.people.models import User


class PanelUpload(models.Model):
    """A file of blood results on its way in: read, looked at, then stored or left. No fact yet, so not in the log.

    The bytes are kept only until the results are stored, and a day at most: they may hold more than the registry wants.
    """

    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, verbose_name=_("uploaded by"))
    uploaded_at = models.DateTimeField(_("uploaded at"), auto_now_add=True)
    content = models.BinaryField(_("content"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    # how to read it: see labs.blood.upload.sheet.Options
    options = models.JSONField(_("options"), default=dict)
    # what each column was said to be, by its header; empty: as guessed
    columns = models.JSONField(_("columns"), default=dict)
    stored_at = models.DateTimeField(_("stored at"), null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        verbose_name = _("upload of blood results")
        verbose_name_plural = _("uploads of blood results")

    def __str__(self) -> str:
        return self.sha256[:12]
