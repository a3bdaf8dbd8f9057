"""The technician's way through the pages: upload, targets, samples, a well left out, fold changes accepted."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from labs.markers.models import Marker
from labs.qpcr.models import PcrFile, PcrRun, PcrTarget, PcrWell
from labs.qpcr.services import target_set
from labs.rounds.blinding import blinded_markers
from labs.specimens.models import Specimen
from labs.specimens.services import specimen_create
from labs.wetlab.models import FoldChange
from registry.cohorts.models import Cohort
from registry.log.actors import Actor
from registry.log.models import Change
from registry.models import Enrolment
from registry.people.roles import Role
from registry.people.services import role_grant
from tests.labs.qpcr.plates import paired_plate
from tests.labs.rounds.fixtures import reading
from tests.registry import people


@pytest.fixture
def normal(enrolment: Enrolment, by: Actor) -> Specimen:
    return specimen_create(patient=enrolment.patient, code="N-0001", kind="normal", timing="baseline_declared", by=by)


@pytest.fixture
def client(db: None) -> Client:
    return people.signed_in(Role.TECHNICIAN)


def preview(client: Client, name: str, content: bytes) -> str:
    answer = client.post(reverse("labs:pcr-upload"), {"file": SimpleUploadedFile(name, content)})
    assert answer.status_code == 200
    return answer.content.decode()


def store(client: Client, name: str, content: bytes) -> PcrRun:
    answer = client.post(reverse("labs:pcr-upload"), {"file": SimpleUploadedFile(name, content)})
    form = answer.context["store"]
    client.post(reverse("labs:pcr-upload"), form.initial)
    return PcrRun.objects.latest("pk")


def test_a_preview_stores_nothing(client: Client) -> None:
    changes = Change.objects.count()
    page = preview(client, "plate.csv", paired_plate("T-0001", "N-0001"))
    assert "Store this run" in page
    assert not PcrFile.objects.exists()
    assert Change.objects.count() == changes


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b",Cycle,A1,A2\n,1,0.1,0.2\n,2,0.1,0.2\n", "curves of fluorescence"),
        (b",Cycle,A1,A2\n,1,0.1,0.2\n,2,0.1,0.2\n", "holds no Cq of a PCR run"),
        (b"nothing", "no instrument file"),
        (paired_plate("T", "N").replace(b"24.1", b"x"), "row 3, column Cq"),
    ],
)
def test_what_cannot_be_stored_says_why_and_offers_no_button(client: Client, content: bytes, sentence: str) -> None:
    page = preview(client, "file.csv", content)
    assert sentence in page
    assert "Store this run" not in page


def test_from_the_file_to_the_fold_change(client: Client, tumour: Specimen, normal: Specimen) -> None:
    content = paired_plate("T-0001", "N-0001")
    run = store(client, "plate.csv", content)
    marker = Marker.objects.get(code="S100A11")
    for name, values in (("S100A11", {"role": "marker", "marker": marker.pk}), ("ACTB", {"role": "reference"})):
        client.post(
            reverse("labs:pcr-target-new"),
            {"name": name, "gene": name, "efficiency": "2", "primer_forward": "ACGT", "version": "0", **values},
        )
    assert PcrTarget.objects.get(name="S100A11").primer_forward == "ACGT"
    client.post(reverse("labs:pcr-samples", args=[run.pk]), {"rule": "sample"})
    assert run.wells.filter(specimen=tumour).count() == 6
    well = PcrWell.objects.get(run=run, position="A02")
    answer = client.post(
        reverse("labs:pcr-well", args=[well.pk]),
        {"exclusion": "outlier", "exclusion_note": "", "version": str(well.version), "reason": ""},
    )
    assert answer.status_code == 302
    page = client.get(reverse("labs:pcr-run", args=[run.pk])).content.decode()
    assert "outlying replicate" in page
    client.post(reverse("labs:pcr-accept", args=[run.pk]), {"reason": ""})
    fold = FoldChange.objects.current().get()
    assert fold.fold == pytest.approx(2 ** (26.0 - 23.95))
    result = client.get(reverse("labs:result", args=["folds", fold.pk])).content.decode()
    assert reverse("labs:pcr-run", args=[run.pk]) in result
    download = client.get(reverse("labs:pcr-file", args=[run.pk]))
    assert download.content == content
    assert "plate" not in download["Content-Disposition"]


def test_samples_are_assigned_by_hand(client: Client, tumour: Specimen, normal: Specimen) -> None:
    run = store(client, "plate.csv", paired_plate("one", "two"))
    client.post(reverse("labs:pcr-samples", args=[run.pk]), {"s0": str(tumour.pk), "s1": "calibrator"})
    assert run.wells.filter(specimen=tumour).count() == 6
    assert run.wells.filter(is_calibrator=True).count() == 6


def test_the_same_file_again_says_so(client: Client) -> None:
    content = paired_plate("one", "two")
    first = store(client, "plate.csv", content)
    changes = Change.objects.count()
    assert store(client, "again.csv", content) == first
    assert Change.objects.count() == changes


def test_a_stale_well_says_what_the_other_did(client: Client, tumour: Specimen) -> None:
    run = store(client, "plate.csv", paired_plate("one", "two"))
    well = PcrWell.objects.get(run=run, position="A02")
    sent = {"exclusion": "outlier", "exclusion_note": "", "version": str(well.version), "reason": ""}
    client.post(reverse("labs:pcr-well", args=[well.pk]), sent)
    answer = client.post(reverse("labs:pcr-well", args=[well.pk]), sent | {"exclusion": "melt"})
    assert answer.status_code == 200
    assert "changed this at" in answer.content.decode()
    assert PcrWell.objects.get(pk=well.pk).exclusion == "outlier"


def test_a_run_of_patients_of_another_site_is_not_there(client: Client, tumour: Specimen, normal: Specimen) -> None:
    run = store(client, "plate.csv", paired_plate("T-0001", "N-0001"))
    client.post(reverse("labs:pcr-samples", args=[run.pk]), {"rule": "sample"})
    stranger = people.signed_in(Role.TECHNICIAN, username="stranger", sites=[people.site("OTHER")])
    for name in ("pcr-run", "pcr-file", "pcr-samples", "pcr-rules", "pcr-retire"):
        assert stranger.get(reverse(f"labs:{name}", args=[run.pk])).status_code == 404
    well = run.wells.all()[0]
    assert stranger.get(reverse("labs:pcr-well", args=[well.pk])).status_code == 404
    assert "plate.csv" not in stranger.get(reverse("labs:pcr-runs")).content.decode()


@pytest.mark.parametrize("is_explained", [True, False])
def test_a_reader_of_an_open_round_sees_no_run_of_its_markers(
    client: Client, a_cohort: Cohort, by: Actor, is_explained: bool
) -> None:
    reader = reading(a_cohort, patients=2).second
    role_grant(user=reader, role=Role.TECHNICIAN, by=by)
    code = min(blinded_markers(reader))
    name = "target-1" if is_explained else code
    run = store(client, "plate.csv", paired_plate("one", "two").replace(b"S100A11", name.encode()))
    if is_explained:
        target_set(name=name, role="marker", marker=Marker.objects.get(code=code), gene=code, by=by)
    blind = people.client_of(reader)
    for page in ("pcr-run", "pcr-file", "pcr-samples", "pcr-rules"):
        assert blind.get(reverse(f"labs:{page}", args=[run.pk])).status_code == 404
        assert client.get(reverse(f"labs:{page}", args=[run.pk])).status_code == 200
    assert blind.get(reverse("labs:pcr-well", args=[run.wells.all()[0].pk])).status_code == 404
    assert "plate.csv" not in blind.get(reverse("labs:pcr-runs")).content.decode()


def test_every_file_of_the_samples_is_previewed(client: Client, hepatica_data: Path) -> None:
    for folder in ("qpcr_cfx96", "qpcr_rdml", "qpcr_published_ddct"):
        for path in sorted((hepatica_data / folder).rglob("*.*"))[:6]:
            page = preview(client, path.name, path.read_bytes())
            assert "Store this run" in page or "Not stored" in page or path.name in page
