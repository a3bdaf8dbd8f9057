"""A picture as a DeepZoom pyramid: level 0 is one pixel, each level twice the one before, all cut into square tiles.

The layout is that of Microsoft's DeepZoom (`level/column_row.jpg`), without overlap.
"""

import shutil
import warnings
from math import ceil
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

TILE = 256
FORMATS = {"PNG", "JPEG", "TIFF"}
_QUALITY = 88
_FITTED = 1600  # pixels of the longer side of the picture that is shown without a viewer


class ImageRefused(ValueError):
    pass


def top_level(width: int, height: int) -> int:
    """The level that shows the picture pixel by pixel."""
    return (max(width, height) - 1).bit_length()


def level_size(width: int, height: int, level: int) -> tuple[int, int]:
    shrunk = 1 << (top_level(width, height) - level)
    return ceil(width / shrunk), ceil(height / shrunk)


def look_at(path: Path, max_pixels: int) -> tuple[int, int]:
    """Width and height as shown; ImageRefused for what is no picture of ours, before it is decoded."""
    try:
        with _opened(path) as image:
            width, height = image.size
            # First, because what follows may decode a PNG.
            if width * height > max_pixels:
                raise ImageRefused(f"{width} × {height} pixels; at most {max_pixels // 1_000_000} million are taken")
            turned = image.getexif().get(0x0112, 1) >= 5  # orientation: a quarter turn
    except Image.DecompressionBombError as error:
        raise ImageRefused(f"far too many pixels; at most {max_pixels // 1_000_000} million are taken") from error
    except ImageRefused:
        raise
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise ImageRefused(f"not a PNG, JPEG or TIFF picture that can be read ({type(error).__name__})") from error
    return (height, width) if turned else (width, height)


def build(source: Path, folder: Path) -> None:
    """Writes `folder` with all levels and `fitted.jpg`, of pixels alone: nothing that the file says besides them."""
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        with _opened(source) as opened:
            image = ImageOps.exif_transpose(opened).convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise ImageRefused(f"the picture breaks off or is damaged ({type(error).__name__})") from error
    width, height = image.size
    fitted = image.copy()
    fitted.thumbnail((_FITTED, _FITTED))
    fitted.save(part / "fitted.jpg", quality=_QUALITY)
    for level in range(top_level(width, height), -1, -1):
        size = level_size(width, height, level)
        if image.size != size:
            image = image.resize(size, Image.Resampling.BOX)
        _cut(image, part / str(level))
    shutil.rmtree(folder, ignore_errors=True)
    part.rename(folder)


def _opened(path: Path) -> Image.Image:
    with warnings.catch_warnings():
        # Pillow warns at half of what it refuses; the limit that counts here is the setting.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        return Image.open(path, formats=sorted(FORMATS))


def _cut(image: Image.Image, folder: Path) -> None:
    folder.mkdir()
    width, height = image.size
    for top in range(0, height, TILE):
        for left in range(0, width, TILE):
            box = (left, top, min(left + TILE, width), min(top + TILE, height))
            image.crop(box).save(folder / f"{left // TILE}_{top // TILE}.jpg", quality=_QUALITY)
