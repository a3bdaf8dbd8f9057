import secrets
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from labs.markers.models import Stain
from registry.log.facts import Fact
from registry.log.recording import StreamKey
from registry.patients.models import patient_streams


def new_folder() -> str:
    return secrets.token_hex(12)


class SlideImage(Fact):
    """A picture of a stained section. Its tiles lie in a folder whose name says nothing; the file's name is lost."""

    stain = models.ForeignKey(Stain, on_delete=models.PROTECT, related_name="images", verbose_name=_("stain"))
    sha256 = models.CharField(_("SHA-256 of the file"), max_length=64)
    size = models.PositiveBigIntegerField(_("bytes"))
    width = models.PositiveIntegerField(_("width (pixels)"))
    height = models.PositiveIntegerField(_("height (pixels)"))
    um_per_pixel = models.FloatField(
        _("µm per pixel"), null=True, blank=True, validators=[MinValueValidator(0.01), MaxValueValidator(100.0)]
    )
    folder = models.CharField(max_length=24, unique=True, default=new_folder, editable=False)

    class Meta:
        verbose_name = _("slide image")
        constraints = [
            models.UniqueConstraint(
                fields=["stain"],
                condition=models.Q(retired_reason=""),
                name="slide_image_once",
                violation_error_message=_("The stain has an image: mark that one as an error first."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.stain} {self.sha256[:12]}"

    @property
    def place(self) -> Path:
        return Path(settings.SLIDES_ROOT) / self.folder

    @property
    def upload(self) -> Path:
        """What was uploaded, until its tiles are cut."""
        return self.place / "upload"

    @property
    def tiles(self) -> Path:
        return self.place / "tiles"

    def streams(self) -> Iterable[StreamKey]:
        return patient_streams(self.stain.specimen.patient_id, "specimens")

    def log_code(self) -> str:
        return str(self)
