"""Pictures of slides: uploaded at the bench by stain, served to readers and settlers by the blind code."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from labs.markers.access import access_stain_at_bench
from labs.markers.models import Stain
from labs.rounds.access import COORDINATORS, READERS, access_assignment, access_slide
from labs.rounds.images.forms import SlideImageForm
from labs.rounds.images.models import SlideImage
from labs.rounds.images.pyramid import ImageRefused
from labs.rounds.images.services import slide_image_add, slide_image_retire, tiles_of
from labs.rounds.images.sources import image_of, tiles_at_bench
from labs.specimens.access import BENCH
from registry.clinical.forms import RetireForm
from registry.log.actors import Actor
from registry.people.access import acting_user, allow


@allow(*BENCH)
def stain_image(request: HttpRequest, pk: int) -> HttpResponse:
    """The picture of a stain in the viewer, or the form that takes one in."""
    user = acting_user(request)
    stain = access_stain_at_bench(user, pk)
    form = SlideImageForm(request.POST or None, request.FILES or None)

    def write() -> SlideImage:
        return slide_image_add(
            stain=stain,
            upload=form.cleaned_data["file"],
            um_per_pixel=form.cleaned_data["um_per_pixel"],
            by=Actor.of(user),
        )

    if request.method == "POST" and form.saves(write):
        messages.success(request, _("The picture is stored."))
        return redirect("labs:stain-image", pk)
    context = {"stain": stain, "specimen": stain.specimen, "form": form, "tiles": tiles_at_bench(stain)}
    return render(request, "labs/stain_image.html", context)


@allow(*BENCH)
def stain_image_retire(request: HttpRequest, pk: int) -> HttpResponse:
    user = acting_user(request)
    stain = access_stain_at_bench(user, pk)
    image = _existing(stain)
    form = RetireForm(request.POST or None, initial={"version": image.version})

    def write() -> SlideImage:
        data = form.cleaned_data
        return slide_image_retire(
            image=image, expected_version=data["version"], by=Actor.of(user), reason=data["reason"]
        )

    if request.method == "POST" and form.saves(write):
        messages.success(request, _("The picture is marked as an error; another one can be uploaded."))
        return redirect("labs:stain-image", pk)
    context = {
        "form": form,
        "specimen": stain.specimen,
        "title": _("Wrong picture?"),
        "danger": _("Mark as entered in error"),
    }
    return render(request, "labs/bench_form.html", context)


@allow(*BENCH)
def stain_image_fitted(request: HttpRequest, pk: int) -> HttpResponseBase:
    return _jpeg(_existing(access_stain_at_bench(acting_user(request), pk)), "fitted.jpg")


@allow(*BENCH)
def stain_image_tile(request: HttpRequest, pk: int, level: int, x: int, y: int) -> HttpResponseBase:
    return _jpeg(_existing(access_stain_at_bench(acting_user(request), pk)), f"{level}/{x}_{y}.jpg")


@allow(*READERS)
def reading_image_fitted(request: HttpRequest, code: str, slide: str) -> HttpResponseBase:
    return _jpeg(_existing(_stain_of_reader(request, code, slide)), "fitted.jpg")


@allow(*READERS)
def reading_image_tile(request: HttpRequest, code: str, slide: str, level: int, x: int, y: int) -> HttpResponseBase:
    return _jpeg(_existing(_stain_of_reader(request, code, slide)), f"{level}/{x}_{y}.jpg")


@allow(*COORDINATORS)
def round_slide_fitted(request: HttpRequest, code: str, slide: str) -> HttpResponseBase:
    return _jpeg(_existing(access_slide(acting_user(request), code, slide).stain), "fitted.jpg")


@allow(*COORDINATORS)
def round_slide_tile(request: HttpRequest, code: str, slide: str, level: int, x: int, y: int) -> HttpResponseBase:
    return _jpeg(_existing(access_slide(acting_user(request), code, slide).stain), f"{level}/{x}_{y}.jpg")


def _stain_of_reader(request: HttpRequest, code: str, slide: str) -> Stain:
    return access_assignment(acting_user(request), code, slide).slide.stain


def _existing(stain: Stain) -> SlideImage:
    image = image_of(stain)
    if image is None:
        raise Http404
    return image


def _jpeg(image: SlideImage, part: str) -> HttpResponseBase:
    try:
        path = tiles_of(image) / part
    except (ImageRefused, OSError) as error:
        raise Http404 from error
    if not path.is_file():
        raise Http404
    response = FileResponse(path.open("rb"), content_type="image/jpeg")
    response["Cache-Control"] = "private, max-age=3600"
    return response
