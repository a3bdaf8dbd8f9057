"""Gels at the bench: list, upload with a look before storing, the gel, its picture and its corrections."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from labs.bench_files.models import BenchFile, FileKind
from labs.bench_files.services import upload_forget, upload_keep
from labs.blots.access import (
    access_band,
    access_file,
    access_gel,
    access_lane,
    access_probe,
    access_upload,
    visible_gels,
    waiting_uploads,
)
from labs.blots.forms import (
    AcceptForm,
    BandForm,
    DensitometryForm,
    ExclusionForm,
    GelForm,
    InclusionForm,
    LaneForm,
    PictureForm,
    ProbeForm,
    StoreForm,
)
from labs.blots.models import Gel
from labs.blots.pictures import as_png
from labs.blots.reading import gels_in
from labs.blots.results import gel_results
from labs.blots.selectors import gel_list, gel_probes, lane_rows, patients_of, preview_of
from labs.blots.services import (
    Accepted,
    Imported,
    band_correct,
    gel_accept,
    gel_exclude_lane,
    gel_image_set,
    gel_import,
    gel_include_lane,
    gel_retire,
    gel_settle,
    lane_assign,
    lanes_assign_by_code,
    probe_set,
)
from labs.specimens.access import BENCH, visible_specimens
from labs.specimens.models import Specimen
from registry.clinical.forms import RetireForm
from registry.extensions import dependents
from registry.log.actors import Actor
from registry.patients.simulated import any_simulated
from registry.people.access import acting_user, allow


@allow(*BENCH)
def gels(request: HttpRequest) -> HttpResponse:
    found = gel_list(acting_user(request))
    patients = Specimen.objects.filter(lanes__gel__in=found.values("pk")).values_list("patient_id", flat=True)
    simulated = any_simulated(patients)
    waiting = waiting_uploads(acting_user(request), FileKind.DENSITOMETRY)
    return render(request, "labs/gels/gels.html", {"gels": found, "simulated": simulated, "waiting": waiting})


@allow(*BENCH)
def gel_new(request: HttpRequest) -> HttpResponse:
    user = acting_user(request)
    form = DensitometryForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        content = file.read()
        try:
            gels_in(file.name, content)
        except ValidationError as refused:
            form.show_refusal(refused)
        else:
            kept = upload_keep(name=file.name, kind=FileKind.DENSITOMETRY, content=content, user=user)
            return redirect("labs:gel-preview", kept.pk)
    return render(request, "labs/gels/upload.html", {"form": form})


@allow(*BENCH)
def gel_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """What the file would store, and what not and why; nothing is stored before the button here."""
    user = acting_user(request)
    upload = access_upload(user, pk, FileKind.DENSITOMETRY)
    content = bytes(upload.content)
    form = StoreForm(request.POST or None)
    done: list[Imported] = []

    def write() -> None:
        _refuse_gel_out_of_sight(request, form.cleaned_data["code"])
        values = {"made_on": day} if (day := form.cleaned_data["made_on"]) else {}
        code = form.cleaned_data["code"]
        done.append(gel_import(name=upload.name, content=content, code=code, by=Actor.of(user), **values))
        upload_forget(upload=upload)

    if request.method == "POST" and form.saves(write):
        if done[0].is_new:
            messages.success(request, _("Stored. Say which probe is the target, and what the lanes hold."))
        else:
            messages.info(request, _("This file is stored already: nothing was changed."))
        visible = visible_gels(user).filter(pk__in=[gel.pk for gel in done[0].gels])
        return redirect("labs:gel", visible[0].pk) if len(visible) == 1 else redirect("labs:gels")
    is_known = BenchFile.objects.filter(sha256=upload.sha256, probes__isnull=False).exists()
    context = preview_of(upload.name, content, gels_in(upload.name, content))
    return render(request, "labs/gels/preview.html", context | {"form": form, "upload": upload, "is_known": is_known})


def _refuse_gel_out_of_sight(request: HttpRequest, code: str) -> None:
    """A code that others use is taken; whose gel it is stays unsaid."""
    taken = Gel.objects.filter(code=code.strip()).exclude(pk__in=visible_gels(acting_user(request)))
    if taken.exists():
        raise ValidationError({"code": _("This code is taken.")})


@allow(*BENCH)
def gel(request: HttpRequest, pk: int) -> HttpResponse:
    """Lanes and bands, the picture beside them, and the ratios; accepting stores those."""
    user = acting_user(request)
    found = access_gel(user, pk)
    form = AcceptForm(request.POST if request.method == "POST" else None)
    done: list[Accepted] = []

    def write() -> None:
        done.append(gel_accept(gel=found, by=Actor.of(user), **form.cleaned_data))

    if request.method == "POST" and form.saves(write):
        stored = len(done[0].stored)
        messages.success(
            request, ngettext("%(n)s ratio is stored.", "%(n)s ratios are stored.", stored) % {"n": stored}
        )
        for result, sentence in done[0].left:
            messages.warning(request, f"{result.specimen.code}: {sentence}")
        return redirect("labs:gel", pk)
    probes = gel_probes(found)
    context = {
        "gel": found,
        "probes": probes,
        "files": list({probe.file_id: probe.file for probe in probes}.values()),
        "rows": lane_rows(found, probes),
        "results": gel_results(found),
        "form": form,
    }
    return render(request, "labs/gels/gel.html", context | _simulated(found))


def _simulated(found: Gel) -> dict[str, Any]:
    return {"simulated": any_simulated(patients_of(found))}


@allow(*BENCH)
@require_POST
def gel_assign(request: HttpRequest, pk: int) -> HttpResponse:
    user = acting_user(request)
    found = access_gel(user, pk)
    done = lanes_assign_by_code(gel=found, among=visible_specimens(user), by=Actor.of(user))
    sentence = ngettext("%(n)s lane was assigned.", "%(n)s lanes were assigned.", len(done))
    messages.success(request, sentence % {"n": len(done)})
    return redirect("labs:gel", pk)


@allow(*BENCH)
def gel_settings(request: HttpRequest, pk: int) -> HttpResponse:
    user = acting_user(request)
    found = access_gel(user, pk)
    form = GelForm(request.POST or None, instance=access_gel(user, pk))

    def write() -> Gel:
        return gel_settle(
            gel=found,
            changes=form.values,
            expected_version=form.expected_version,
            by=Actor.of(user),
            reason=form.given_reason,
        )

    if request.method == "POST" and form.saves(write):
        messages.success(request, _("Saved."))
        return redirect("labs:gel", pk)
    return _form_page(request, found, form, _("The gel and its rules"))


@allow(*BENCH)
def gel_retire_page(request: HttpRequest, pk: int) -> HttpResponse:
    user = acting_user(request)
    found = access_gel(user, pk)
    form = RetireForm(request.POST or None, initial={"version": found.version})

    def write() -> Gel:
        data = form.cleaned_data
        return gel_retire(gel=found, expected_version=data["version"], by=Actor.of(user), reason=data["reason"])

    if request.method == "POST" and form.saves(write):
        messages.success(request, _("%(code)s is marked as entered in error.") % {"code": found.code})
        return redirect("labs:gels")
    return _form_page(request, found, form, _("Gel entered in error?"), danger=_("Mark as entered in error"))


@allow(*BENCH)
def gel_picture_new(request: HttpRequest, pk: int) -> HttpResponse:
    user = acting_user(request)
    found = access_gel(user, pk)
    form = PictureForm(request.POST or None, request.FILES or None)

    def write() -> Gel:
        file = form.cleaned_data["file"]
        return gel_image_set(gel=found, name=file.name, content=file.read(), by=Actor.of(user))

    if request.method == "POST" and form.saves(write):
        messages.success(request, _("The picture is stored."))
        return redirect("labs:gel", pk)
    return _form_page(request, found, form, _("Picture of the blot"))


@require_GET
@allow(*BENCH)
def gel_picture(request: HttpRequest, pk: int) -> HttpResponse:
    """As browsers show it; the original is a download."""
    found = access_gel(acting_user(request), pk)
    if found.image is None:
        raise Http404
    content, media_type = bytes(found.image.content), found.image.media_type
    if media_type == "image/tiff":
        content, media_type = as_png(content), "image/png"
    headers = {"Cache-Control": "private, max-age=300", "Content-Disposition": "inline"}
    return HttpResponse(content, content_type=media_type, headers=headers)


@require_GET
@allow(*BENCH)
def gel_file(request: HttpRequest, pk: int, file: int) -> HttpResponse:
    """The bytes as they were uploaded, always as a download."""
    user = acting_user(request)
    row = access_file(user, access_gel(user, pk), file)
    headers = {
        "Content-Disposition": content_disposition_header(True, row.name) or "attachment",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(bytes(row.content), content_type="application/octet-stream", headers=headers)


@allow(*BENCH)
def probe_page(request: HttpRequest, pk: int) -> HttpResponse:
    user = acting_user(request)
    probe = access_probe(user, pk)
    form = ProbeForm(request.POST or None, user=user, instance=access_probe(user, pk))

    def write() -> None:
        probe_set(
            probe=probe,
            changes=form.values,
            expected_version=form.expected_version,
            by=Actor.of(user),
            reason=form.given_reason,
        )

    if request.method == "POST" and form.saves(write):
        messages.success(request, _("Saved."))
        return redirect("labs:gel", probe.gel_id)
    title = _("What “%(name)s” is") % {"name": probe.name}
    return _form_page(request, probe.gel, form, title)


@allow(*BENCH)
def lane_page(request: HttpRequest, pk: int) -> HttpResponse:
    """What the lane holds, and whether it counts: two forms, each saved for itself."""
    user = acting_user(request)
    lane = access_lane(user, pk)
    by, action = Actor.of(user), request.POST.get("action", "")
    code = lane.specimen.code if lane.specimen else ""
    holds = LaneForm(
        request.POST if action == "holds" else None,
        user=user,
        initial={"content": lane.content, "specimen": code, "version": lane.version},
    )
    counts_class = InclusionForm if lane.exclusion else ExclusionForm
    counts = counts_class(
        request.POST if action == "counts" else None, prefix="counts", initial={"version": lane.version}
    )

    def save_holds() -> None:
        data = holds.cleaned_data
        lane_assign(
            lane=lane, specimen=data["specimen"], content=data["content"], expected_version=data["version"], by=by
        )

    def save_counts() -> None:
        data = counts.cleaned_data
        if lane.exclusion:
            gel_include_lane(lane=lane, expected_version=data["version"], by=by, reason=data["reason"])
        else:
            gel_exclude_lane(
                lane=lane, exclusion=data["exclusion"], note=data["note"], expected_version=data["version"], by=by
            )

    saved = (action == "holds" and holds.saves(save_holds)) or (action == "counts" and counts.saves(save_counts))
    if saved:
        messages.success(request, _("Saved."))
        return redirect("labs:gel", lane.gel_id)
    context = {"gel": lane.gel, "lane": lane, "holds": holds, "counts": counts, "stale": _stale(lane.gel)}
    return render(request, "labs/gels/lane.html", context | _simulated(lane.gel))


@allow(*BENCH)
def band_page(request: HttpRequest, pk: int) -> HttpResponse:
    user = acting_user(request)
    band = access_band(user, pk)
    form = BandForm(request.POST or None, instance=access_band(user, pk))

    def write() -> None:
        band_correct(
            band=band,
            changes=form.values,
            expected_version=form.expected_version,
            by=Actor.of(user),
            reason=form.given_reason,
        )

    if request.method == "POST" and form.saves(write):
        messages.success(request, _("Saved."))
        return redirect("labs:gel", band.lane.gel_id)
    title = _("Correct lane %(lane)s, %(probe)s") % {"lane": band.lane.number, "probe": band.probe.shown}
    return _form_page(request, band.lane.gel, form, title)


def _stale(found: Gel) -> list[str]:
    """What a correction makes stale: everything that reads a ratio of this gel."""
    keys = {key for ratio in found.ratios.current() for key in ratio.streams()}
    return dependents(sorted(keys, key=str))


def _form_page(request: HttpRequest, found: Gel, form: Any, title: str, *, danger: str = "") -> HttpResponse:
    context = {
        "gel": found,
        "form": form,
        "title": title,
        "danger": danger,
        "stale": _stale(found),
        "has_file": form.is_multipart(),
    }
    return render(request, "labs/gels/form.html", context | _simulated(found))
