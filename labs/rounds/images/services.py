"""Taking in a picture and cutting it. Only pixels are kept: what a camera or a scanner wrote beside them is dropped."""

import hashlib
import logging
import shutil
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from labs.markers.models import Stain
from labs.rounds.images.models import SlideImage, new_folder
from labs.rounds.images.pyramid import ImageRefused, build, look_at
from registry.log.actors import Actor
from registry.log.facts import create, retire

logger = logging.getLogger(__name__)
# A picture of so many pixels is cut while its sender waits; a larger one by the next sweep, or when it is first shown.
AT_ONCE = 16_000_000


def slide_image_add(
    *, stain: Stain, upload: "UploadedFile[bytes]", um_per_pixel: float | None = None, by: Actor, reason: str = ""
) -> SlideImage:
    """Stores the picture under a name of our own; refused with the rule that it breaks."""
    if (upload.size or 0) > settings.SLIDE_MEGABYTES * 1_000_000:
        raise _refused(_("the file is larger than %(limit)s MB") % {"limit": settings.SLIDE_MEGABYTES})
    folder = new_folder()
    place = Path(settings.SLIDES_ROOT) / folder
    place.mkdir(parents=True, mode=0o700)
    try:
        digest = _write(upload, place / "upload")
        width, height = look_at(place / "upload", settings.SLIDE_MEGAPIXELS * 1_000_000)
        if width * height <= AT_ONCE:
            _cut(place)
        image = SlideImage(
            stain=stain,
            sha256=digest,
            size=upload.size or 0,
            width=width,
            height=height,
            um_per_pixel=um_per_pixel,
            folder=folder,
        )
        return create(image, by=by, reason=reason)
    except BaseException as error:
        shutil.rmtree(place, ignore_errors=True)
        if isinstance(error, ImageRefused):
            raise _refused(str(error)) from error
        raise


def slide_image_retire(*, image: SlideImage, expected_version: int, by: Actor, reason: str) -> SlideImage:
    """The tiles stay: a read that rests on them may be asked about."""
    return retire(image, expected_version=expected_version, by=by, reason=reason)


def tiles_of(image: SlideImage) -> Path:
    """The folder of the tiles, cut now if nobody has yet."""
    if not image.tiles.is_dir():
        _cut(image.place)
    return image.tiles


def cut_waiting() -> int:
    """Cuts what was uploaded and is still whole; how many. A damaged file is left for the one who opens it."""
    done = 0
    for image in SlideImage.objects.filter(retired_reason=""):
        if image.tiles.is_dir() or not image.upload.is_file():
            continue
        try:
            _cut(image.place)
            done += 1
        except ImageRefused as error:
            logger.warning("Image %s cannot be cut: %s.", image.pk, error)
    return done


def _cut(place: Path) -> None:
    build(place / "upload", place / "tiles")
    (place / "upload").unlink(missing_ok=True)


def _write(upload: "UploadedFile[bytes]", path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for chunk in upload.chunks():
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()


def _refused(why: str) -> ValidationError:
    # Never by its name: that may be a patient's.
    return ValidationError({"file": _("This picture is not taken: %(why)s.") % {"why": why}})
