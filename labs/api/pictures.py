"""Pictures: of stained sections, and of blots."""

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from labs.api.files import FileEntry
from labs.api.gels import GelPresenter
from labs.blots.access import access_gel
from labs.blots.pictures import MAX_BYTES
from labs.blots.selectors import gel_list
from labs.blots.services import gel_image_set
from labs.ihc.access import visible_stains
from labs.markers.access import access_stain_at_bench
from labs.markers.models import Stain
from labs.rounds.images.models import SlideImage
from labs.rounds.images.pyramid import ImageRefused
from labs.rounds.images.services import slide_image_add, slide_image_retire, tiles_of
from labs.rounds.images.sources import image_of
from labs.specimens.access import BENCH
from registry.api.endpoints import Download, Endpoint, Listing, Retirement, Told
from registry.api.serializers import Entry, FiniteField, Presented
from registry.api.simulated import marked


class SlideImagePresenter(Presented):
    stain = serializers.IntegerField(source="stain_id")
    specimen = serializers.CharField(source="stain.specimen.code")
    marker = serializers.CharField(source="stain.marker.code")
    simulated = serializers.BooleanField()

    class Meta:
        model = SlideImage
        fields = (
            "id",
            "version",
            "stain",
            "specimen",
            "marker",
            "simulated",
            "sha256",
            "size",
            "width",
            "height",
            "um_per_pixel",
        )


class SlideImageFilters(Entry):
    specimen = serializers.CharField(required=False, max_length=60)
    marker = serializers.CharField(required=False, max_length=30)


class SlideImages(Listing):
    """Pictures of the stains that you may see. One is uploaded at the address of its stain."""

    reading = BENCH
    presenter = SlideImagePresenter
    filters = SlideImageFilters

    def rows(self) -> QuerySet[Any]:
        return _images().filter(stain__in=visible_stains(self.user))

    def narrowed(self, rows: QuerySet[Any], asked: dict[str, Any]) -> QuerySet[Any]:
        columns = {"specimen": "stain__specimen__code", "marker": "stain__marker__code"}
        return rows.filter(**{columns[name]: value for name, value in asked.items()})


def _images() -> QuerySet[Any]:
    rows = SlideImage.objects.filter(retired_reason="").select_related("stain__specimen", "stain__marker")
    return marked(rows, "stain__specimen__patient_id")


class SlideImageEntry(FileEntry):
    file = serializers.FileField(allow_empty_file=True, help_text="PNG, JPEG or TIFF; only its pixels are kept.")
    um_per_pixel = FiniteField(required=False, allow_null=True, min_value=0.01, max_value=100)

    @property
    def largest(self) -> int:  # type: ignore[override]  # a setting, not a constant
        return int(settings.SLIDE_MEGABYTES) * 1_000_000


class StainImage(Endpoint):
    """The picture of a stained section, sent in parts."""

    reading = BENCH
    writing = BENCH
    parser_classes = [MultiPartParser]
    tag = "slide-images"

    def get(self, request: Request, **kwargs: Any) -> Response:
        image = _images().filter(stain=self._stain()).first()
        if image is None:
            raise Http404
        return Response(SlideImagePresenter(image).data, headers={"ETag": f'"{image.version}"'})

    def post(self, request: Request, **kwargs: Any) -> Response:
        stain = self._stain()
        given = SlideImageEntry.parsed(request.data)
        made = slide_image_add(stain=stain, upload=given["file"], um_per_pixel=given.get("um_per_pixel"), by=self.by)
        return Response(SlideImagePresenter(_images().get(pk=made.pk)).data, status=201)

    def _stain(self) -> Stain:
        return access_stain_at_bench(self.user, self.kwargs["pk"])

    def describe(self, method: str) -> Told:
        if method == "POST":
            return Told("Upload", SlideImageEntry, SlideImagePresenter, status=201)
        return Told("Show", None, SlideImagePresenter)


class RetiredStainImage(Retirement):
    """Another picture can be uploaded then; reads that rest on this one keep it."""

    writing = BENCH
    tag = "slide-images"

    def row(self) -> SlideImage:
        image = image_of(access_stain_at_bench(self.user, self.kwargs["pk"]))
        if image is None:
            raise Http404
        return image

    def act(self, row: SlideImage, given: dict[str, Any]) -> SlideImage:
        version = self.seen_version(given)
        return slide_image_retire(image=row, expected_version=version, by=self.by, reason=given["reason"])


class StainImagePreview(Download):
    """The whole section, small enough for a screen."""

    reading = BENCH
    media_type = "image/jpeg"
    tag = "slide-images"

    def file(self) -> HttpResponseBase:
        image = image_of(access_stain_at_bench(self.user, self.kwargs["pk"]))
        if image is None:
            raise Http404
        try:
            return FileResponse((tiles_of(image) / "fitted.jpg").open("rb"), content_type=self.media_type)
        except (ImageRefused, OSError) as error:
            raise Http404 from error


class PictureEntry(FileEntry):
    largest = MAX_BYTES


class GelPicture(Download):
    """The picture of the blot, byte for byte; POST keeps a new one in its place, sent in parts (PNG, JPEG or TIFF)."""

    reading = BENCH
    writing = BENCH
    parser_classes = [MultiPartParser]
    tag = "gels"

    def file(self) -> HttpResponseBase:
        image = access_gel(self.user, self.kwargs["pk"]).image
        if image is None:
            raise Http404
        headers = {"Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff"}
        return HttpResponse(bytes(image.content), content_type=self.media_type, headers=headers)

    def post(self, request: Request, **kwargs: Any) -> Response:
        gel = access_gel(self.user, self.kwargs["pk"])
        file = PictureEntry.parsed(request.data)["file"]
        gel_image_set(gel=gel, name=file.name, content=file.read(), by=self.by)
        return Response(GelPresenter(gel_list(self.user).get(pk=gel.pk)).data, status=201)

    def describe(self, method: str) -> Told:
        if method == "POST":
            return Told("Keep a picture", PictureEntry, GelPresenter, status=201)
        return super().describe(method)
