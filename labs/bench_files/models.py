"""Files of the bench as they were uploaded: the answer to every later question about what was read from them."""

import hashlib
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.log.facts import Fact
from registry.log.recording import StreamKey
from registry.people.models import User

BENCH_FILES = "bench-files"


class FileKind(models.TextChoices):
    DENSITOMETRY = "densitometry", _("densitometry")
    BLOT_IMAGE = "blot_image", _("image of a blot")
    QUPATH = "qupath", _("QuPath measurements")


class BenchFile(Fact):
    name = models.CharField(_("file"), max_length=255)
    kind = models.CharField(_("kind"), max_length=15, choices=FileKind.choices)
    sha256 = models.CharField(_("SHA-256"), max_length=64, unique=True, editable=False)
    size = models.PositiveIntegerField(_("bytes"), editable=False)
    media_type = models.CharField(_("media type"), max_length=40, editable=False)
    content = models.BinaryField(editable=False)
    stored_at = models.DateTimeField(_("stored at"), auto_now_add=True)
    stored_by = models.CharField(_("stored by"), max_length=150, editable=False)

    # Whoever named the file may have named a patient.
    unlogged_values = ("name",)

    class Meta:
        ordering = ("-stored_at",)
        verbose_name = _("file of the bench")
        verbose_name_plural = _("files of the bench")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if hashlib.sha256(bytes(self.content)).hexdigest() != self.sha256:
            raise ValidationError({"content": _("The bytes do not have this hash.")})

    def values(self) -> dict[str, Any]:
        return super().values() | {"sha256": self.sha256, "size": self.size}

    def streams(self) -> Iterable[StreamKey]:
        return [(None, BENCH_FILES)]

    def log_code(self) -> str:
        return self.sha256[:12]


class BenchUpload(models.Model):
    """A file on its way in: read, looked at, then stored or left. No fact yet, so not in the log."""

    # Nobody's: it came through the drop folder, and waits until somebody looks at it.
    uploaded_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("uploaded by")
    )
    uploaded_at = models.DateTimeField(_("uploaded at"), auto_now_add=True)
    name = models.CharField(_("file"), max_length=255)
    kind = models.CharField(_("kind"), max_length=15, choices=FileKind.choices)
    content = models.BinaryField(_("content"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)

    class Meta:
        ordering = ("-id",)
        verbose_name = _("upload of the bench")
        verbose_name_plural = _("uploads of the bench")

    def __str__(self) -> str:
        return self.sha256[:12]
