"""Where the viewer beside the form finds a slide: our own tiles, another server's under the blind code, or nowhere."""

from dataclasses import dataclass
from hashlib import sha256

from django.conf import settings
from django.urls import reverse

from labs.markers.models import Stain
from labs.rounds.images.models import SlideImage
from labs.rounds.images.pyramid import TILE, top_level
from labs.rounds.models import Slide


@dataclass(frozen=True)
class Tiles:
    """Our own pyramid. `pattern` has {level}, {x} and {y}."""

    image: SlideImage
    pattern: str
    fitted: str
    tile: int = TILE

    @property
    def top(self) -> int:
        return top_level(self.image.width, self.image.height)


def image_of(stain: Stain) -> SlideImage | None:
    return SlideImage.objects.filter(stain=stain, retired_reason="").select_related("stain__specimen").first()


def tiles_for_reader(slide: Slide, round_code: str) -> Tiles | None:
    base = reverse("labs:reading-slide", args=[round_code, slide.code]) + "image/"
    return _tiles(slide.stain, base, slide.code)


def tiles_for_settling(slide: Slide, round_code: str) -> Tiles | None:
    base = reverse("labs:round-slide", args=[round_code, slide.code]) + "image/"
    return _tiles(slide.stain, base, slide.code)


def tiles_at_bench(stain: Stain) -> Tiles | None:
    return _tiles(stain, reverse("labs:stain-image", args=[stain.pk]), str(stain.pk))


def _tiles(stain: Stain, base: str, shown_as: str) -> Tiles | None:
    image = image_of(stain)
    if image is None:
        return None
    # So that a browser does not mix it with a picture whose place it took; never the same for a slide and its repeat.
    mark = "?" + sha256(f"{image.sha256}/{shown_as}".encode()).hexdigest()[:8]
    return Tiles(image, f"{base}{{level}}/{{x}}_{{y}}.jpg{mark}", f"{base}fitted.jpg{mark}")


def elsewhere(slide: Slide) -> str:
    """The address of the slide on the server that the settings name; it carries the blind code and nothing else."""
    return str(settings.SLIDE_SERVER.replace("{code}", slide.code)) if settings.SLIDE_SERVER else ""
