"""Pictures of blots: only what a viewer can show, never a bomb, and never more than a scanner makes."""

import io
import warnings

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

MAX_BYTES = 40 * 1024 * 1024
MAX_PIXELS = 100_000_000
TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "TIFF": "image/tiff"}


def picture_type(name: str, content: bytes) -> str:
    """The media type by the bytes, whatever the name says. ValidationError names the file and the rule."""
    if len(content) > MAX_BYTES:
        raise _refused(name, _("The picture is larger than %(n)s MB.") % {"n": MAX_BYTES // 1024 // 1024})
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=tuple(TYPES)) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    raise _refused(name, _("The picture has more than 100 million pixels."))
                found = TYPES[str(picture.format)]
                picture.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _refused(name, _("The picture has more than 100 million pixels.")) from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, KeyError, TypeError) as error:
        raise _refused(name, _("This is no PNG, JPEG or TIFF that can be shown, or it is damaged.")) from error
    return found


def as_png(content: bytes) -> bytes:
    """A picture that browsers show, of one that they do not: TIFF, also of 16 bits."""
    with Image.open(io.BytesIO(content), formats=tuple(TYPES)) as picture:
        if picture.mode.startswith(("I", "F")):
            low, high = (float(end) for end in picture.getextrema())  # type: ignore[arg-type]  # one band: two numbers
            span = (high - low) or 1.0
            shown = picture.convert("F").point(lambda value: (value - low) * 255 / span).convert("L")
        else:
            shown = picture.convert("RGB") if picture.mode not in {"L", "RGB"} else picture.copy()
        shown.thumbnail((2400, 2400))
        out = io.BytesIO()
        shown.save(out, "PNG")
    return out.getvalue()


def _refused(name: str, rule: str) -> ValidationError:
    return ValidationError({"file": f"{name}: {rule}"})
