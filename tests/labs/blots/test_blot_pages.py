"""The pages of the blot bench, as a technician uses them."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from labs.bench_files.models import BenchFile, BenchUpload
from labs.blots.models import Band, Gel
from labs.blots.services import gel_accept, gel_image_set
from labs.specimens.models import Specimen
from labs.wetlab.models import BlotRatio
from registry.log.actors import Actor
from registry.log.models import Change
from registry.people.models import User
from registry.people.roles import Role
from tests.labs.blots.gels import FILE, lane, picture
from tests.registry.people import client_of, person, site


@pytest.fixture
def bench(tom: User) -> Client:
    return client_of(tom)


def uploaded(name: str, content: bytes) -> dict[str, SimpleUploadedFile]:
    return {"file": SimpleUploadedFile(name, content)}


def test_a_file_is_looked_at_before_it_is_stored(bench: Client) -> None:
    answer = bench.post("/gels/new/", uploaded("fap.csv", FILE.encode()), follow=True)
    page = answer.content.decode()
    assert "Before it is stored" in page
    assert "4 lanes" in page
    assert "8 bands" in page
    assert not Gel.objects.exists()
    url = answer.redirect_chain[-1][0]
    bench.post(url, {"code": "G7", "made_on": "2024-02-01"}, follow=True)
    assert Gel.objects.get().code == "G7"
    assert not BenchUpload.objects.exists()
    changes = Change.objects.count()
    again = bench.post("/gels/new/", uploaded("copy.csv", FILE.encode()), follow=True)
    assert "stored already" in again.content.decode()
    bench.post(again.redirect_chain[-1][0], {"code": "G8"})
    assert (Gel.objects.count(), Change.objects.count()) == (1, changes)


def test_a_refused_file_says_file_row_column_and_rule(bench: Client) -> None:
    page = bench.post("/gels/new/", uploaded("bad.csv", b"Lane,Band No,Volume\n1,1,x\n")).content.decode()
    assert "bad.csv, row 2, column Volume, “x”: This is no number." in page
    assert not BenchUpload.objects.exists()


def test_a_file_too_large_for_a_table_of_bands_is_not_read(bench: Client) -> None:
    answer = bench.post("/gels/new/", uploaded("large.csv", b"a,b,c\n" * 900_000))
    assert "The file is larger than 5 MB." in answer.content.decode()


def test_the_gel_shows_bands_flags_and_pairs_and_stores_what_is_accepted(bench: Client, ready_gel: Gel) -> None:
    Band.objects.filter(lane__number=2, probe__name="ACTB").update(is_saturated=True)
    page = bench.get(f"/gels/{ready_gel.pk}/").content.decode()
    assert "saturated" in page
    assert "T-0001" in page
    assert "3.000" in page  # log2 of 2.0 over 0.25
    answer = bench.post(f"/gels/{ready_gel.pk}/", {}, follow=True)
    assert "2 ratios are stored." in answer.content.decode()
    assert BlotRatio.objects.current().count() == 2


def test_corrections_ask_for_a_reason_and_a_stale_save_stores_nothing(bench: Client, ready_gel: Gel, by: Actor) -> None:
    gel_accept(gel=ready_gel, by=by)
    band = Band.objects.get(lane__number=3, probe__name="FAP")
    url = f"/gels/bands/{band.pk}/correct/"
    data = {"volume": "1000", "background": "2", "area": "100", "version": "1"}
    assert "Say why the band is corrected." in bench.post(url, data).content.decode()
    bench.post(url, data | {"reason": "box redrawn"})
    assert BlotRatio.objects.current().get(specimen__code="N-0001").ratio == 1.0
    assert "Your entries were not saved" in bench.post(url, data | {"volume": "7", "reason": "x"}).content.decode()
    band.refresh_from_db()
    assert band.volume == 1000


def test_a_lane_is_assigned_and_left_out_on_its_page(bench: Client, gel: Gel, tumour: Specimen) -> None:
    first = lane(gel, 1)
    url = f"/gels/lanes/{first.pk}/"
    wrong = bench.post(url, {"action": "holds", "content": "sample", "specimen": "nobody", "version": "1"})
    assert "There is no specimen of this code." in wrong.content.decode()
    bench.post(url, {"action": "holds", "content": "sample", "specimen": tumour.code, "version": "1"})
    bench.post(url, {"action": "counts", "counts-exclusion": "smear", "counts-note": "", "counts-version": "2"})
    first.refresh_from_db()
    assert (first.specimen, first.exclusion) == (tumour, "smear")
    bench.post(url, {"action": "counts", "counts-reason": "looked again", "counts-version": "3"})
    first.refresh_from_db()
    assert first.exclusion == ""


def test_probe_and_rules_are_set(bench: Client, gel: Gel) -> None:
    probe = gel.probes.get(name="ACTB")
    bench.post(f"/gels/probes/{probe.pk}/", {"role": "control", "protein": "ACTB", "version": "1"})
    bench.post(
        f"/gels/{gel.pk}/settings/",
        {"background": "none", "when_saturated": "flag", "percent": "10", "membrane": "PVDF", "version": "1"},
    )
    probe.refresh_from_db()
    gel.refresh_from_db()
    assert (probe.protein, gel.background, gel.percent) == ("ACTB", "none", 10.0)


def test_the_picture_is_shown_through_a_view_and_the_originals_are_downloads(bench: Client, gel: Gel) -> None:
    tiff = picture("TIFF", "I;16")
    bench.post(f"/gels/{gel.pk}/picture/new/", uploaded("blot.tif", tiff))
    gel.refresh_from_db()
    assert gel.image is not None
    shown = bench.get(f"/gels/{gel.pk}/picture/")
    assert (shown["Content-Type"], shown["X-Content-Type-Options"]) == ("image/png", "nosniff")
    original = bench.get(f"/gels/{gel.pk}/files/{gel.image_id}/")
    assert original.content == tiff
    assert original["Content-Disposition"].startswith("attachment")
    assert gel.image.sha256 in bench.get(f"/gels/{gel.pk}/").content.decode()
    refused = bench.post(f"/gels/{gel.pk}/picture/new/", uploaded("x.png", b"<svg/>"))
    assert "no PNG, JPEG or TIFF" in refused.content.decode()


def test_a_gel_of_another_hospital_is_not_there(ready_gel: Gel, by: Actor) -> None:
    gel_image_set(gel=ready_gel, name="blot.png", content=picture("PNG"), by=by)
    stranger = client_of(person(Role.TECHNICIAN, username="far", sites=[site("FAR")]))
    band, probe = Band.objects.all()[0], ready_gel.probes.all()[0]
    for url in (
        f"/gels/{ready_gel.pk}/",
        f"/gels/{ready_gel.pk}/picture/",
        f"/gels/{ready_gel.pk}/files/{BenchFile.objects.all()[0].pk}/",
        f"/gels/bands/{band.pk}/correct/",
        f"/gels/lanes/{band.lane_id}/",
        f"/gels/probes/{probe.pk}/",
    ):
        assert stranger.get(url).status_code == 404, url
    assert "G1" not in stranger.get("/gels/").content.decode()
    answer = stranger.post("/gels/new/", uploaded("fap.csv", FILE.replace("400", "9").encode()), follow=True)
    taken = stranger.post(answer.redirect_chain[-1][0], {"code": "G1"}).content.decode()
    assert "This code is taken." in taken


def test_a_pathologist_has_no_gels(bob: User, gel: Gel) -> None:
    assert client_of(bob).get(f"/gels/{gel.pk}/").status_code == 403
