"""The plate and the gel of the demo: full pages, values that agree with those on record, and none of these moved."""

import pytest
from django.urls import reverse

from labs.blots.models import Gel
from labs.blots.pictures import picture_type
from labs.blots.results import gel_results
from labs.qpcr.models import PcrRun
from labs.qpcr.results import run_results
from labs.qpcr.rules import ControlState
from labs.wetlab.models import BlotRatio, FoldChange
from registry.cohorts.models import Cohort
from registry.people.roles import Role
from tests.registry.people import signed_in

pytestmark = pytest.mark.one_database


def test_the_plate_gives_the_fold_changes_on_record(resection: Cohort) -> None:
    run = PcrRun.objects.get()
    found = run_results(run)
    assert (run.wells.count(), run.run_on is not None, run.instrument, found.missing) == (90, True, "CFX96", ())
    on_record = {
        fold.specimen_id: fold.fold
        for fold in FoldChange.objects.current().filter(marker__code="S100A11", calibrator__isnull=False)
    }
    assert {result.specimen.pk for result in found.results if result.fold} >= on_record.keys()
    for result in found.results:
        if result.specimen.pk in on_record:
            assert result.fold is not None
            assert result.fold.fold == pytest.approx(on_record[result.specimen.pk], rel=1e-6)
            assert not result.is_spread_out
    assert {control.target: control.state for control in found.controls} == {
        "S100A11": ControlState.SILENT,
        "ACTB": ControlState.LATE,
    }


def test_the_gel_gives_the_ratios_on_record_and_has_its_picture(resection: Cohort) -> None:
    gel = Gel.objects.get()
    found = gel_results(gel)
    on_record = {ratio.specimen_id: ratio.ratio for ratio in BlotRatio.objects.current().filter(marker__code="S100A11")}
    assert (len(found.results), len(found.pairs), found.missing) == (6, 3, ())
    assert {result.specimen.pk: result.value for result in found.results} == pytest.approx(on_record, rel=1e-4)
    assert gel.lanes.count() == 7
    assert gel.image is not None
    assert picture_type(gel.image.name, bytes(gel.image.content)) == "image/png"


def test_what_is_on_record_stays_as_it_was_entered(resection: Cohort) -> None:
    assert not FoldChange.objects.filter(run__isnull=False).exists()
    assert not BlotRatio.objects.filter(from_gel__isnull=False).exists()
    assert not PcrRun.objects.get().is_accepted
    assert PcrRun.objects.get().is_simulated


def test_a_technician_finds_full_pages_that_say_simulated(resection: Cohort) -> None:
    client, run, gel = signed_in(Role.TECHNICIAN), PcrRun.objects.get(), Gel.objects.get()
    for address in (reverse("labs:pcr-run", args=[run.pk]), reverse("labs:gel", args=[gel.pk])):
        page = client.get(address).content.decode()
        assert "banner-simulated" in page
        for pair in range(3):
            assert gel.lanes.order_by("number")[2 * pair].sample in page
    assert client.get(reverse("labs:gel-picture", args=[gel.pk])).status_code == 200
