import json
from typing import Any

import pytest
from django.test import Client

from labs.ihc.models import Read
from labs.ihc.protocol import protocol
from labs.ihc.scoring import extent_of_percent
from labs.ihc.services import read_correct, read_record
from labs.markers.models import Marker, Stain
from labs.markers.services import marker_set, stain_create
from labs.specimens.services import specimen_create
from registry import extensions
from registry.log.actors import Actor
from registry.people.models import Site
from registry.people.roles import Role
from tests.registry.people import signed_in, site


@pytest.fixture
def pathologist(stain: Stain) -> Client:
    return signed_in(Role.PATHOLOGIST, username="li")


def url(stain: Stain) -> str:
    return f"/ihc/{stain.pk}/"


def text(response: Any) -> str:
    return str(response.content.decode())


def test_a_read_is_saved_in_the_readers_name(pathologist: Client, stain: Stain) -> None:
    response = pathologist.post(url(stain), {"intensity": "2", "percent": "60", "seen": "0"}, follow=True)
    read = Read.objects.get()
    assert (read.reader, read.recorded_by, read.extent, read.value) == ("li", "li", 3, 6)
    assert "T-0001 S100A11 saved." in text(response)
    assert "All stains of S100A11 are read." in text(response)


def test_after_a_save_comes_the_next_stain_that_is_to_do(pathologist: Client, stain: Stain, by: Actor) -> None:
    stains = []
    for code in ("T-0000", "T-0002", "T-0003"):
        specimen = specimen_create(
            patient=stain.specimen.patient, code=code, kind="tumour", timing="baseline_declared", by=by
        )
        stains.append(stain_create(specimen=specimen, marker=stain.marker, by=by))
    read_record(stain=stains[1], reader="li", intensity=1, percent=5, by=by)
    answer = {"intensity": "2", "percent": "60", "seen": "0"}
    assert pathologist.post(url(stain), answer)["Location"] == url(stains[2])
    assert pathologist.post(url(stains[2]), answer)["Location"] == url(stains[0])


@pytest.mark.parametrize(
    ("entered", "message"),
    [
        ({"intensity": "2"}, "Give the percentage of positive cells, or the extent."),
        ({"percent": "30"}, "This field is required."),
        ({"intensity": "0", "percent": "30"}, "Intensity 0 and 0 % go together"),
        ({"intensity": "2", "percent": "12.5"}, "Give a whole number from 0 to 100."),
        ({"intensity": "2", "percent": "101"}, "whole number from 0 to 100"),
        ({"intensity": "2", "percent": "30", "extent": "3"}, "30 % is extent 2, not 3"),
        ({"intensity": "7", "percent": "30"}, "Select a valid choice"),
    ],
)
def test_a_refused_read_says_why_and_keeps_what_was_typed(
    pathologist: Client, stain: Stain, entered: dict[str, str], message: str
) -> None:
    response = pathologist.post(url(stain), entered | {"comment": "pale slide", "seen": "0"})
    assert response.status_code == 200
    assert message in text(response)
    assert "pale slide" in text(response)
    assert not Read.objects.exists()


def test_an_extent_alone_is_stored_without_a_percentage(pathologist: Client, stain: Stain) -> None:
    pathologist.post(url(stain), {"intensity": "3", "extent": "4", "seen": "0"})
    read = Read.objects.get()
    assert (read.percent, read.extent, read.value) == (None, 4, 12)


def test_five_boxes_become_their_mean(pathologist: Client, fields_stain: Stain) -> None:
    counts = {f"field_{number}": str(count) for number, count in enumerate((12, 8, 15, 9, 0), start=1)}
    pathologist.post(url(fields_stain), counts | {"seen": "0"})
    read = Read.objects.get()
    assert (read.field_counts, read.value) == ([12, 8, 15, 9, 0], 8.8)


def test_four_boxes_need_a_reason(pathologist: Client, fields_stain: Stain) -> None:
    counts = {f"field_{number}": "3" for number in range(1, 5)}
    response = pathologist.post(url(fields_stain), counts | {"seen": "0"})
    assert "Fewer than five fields need a reason." in text(response)
    pathologist.post(url(fields_stain), counts | {"seen": "0", "fewer_fields_reason": "torn section"})
    assert Read.objects.get().value == 3


def test_a_correction_shows_before_saving_what_becomes_stale(
    pathologist: Client, stain: Stain, by: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def find(streams: object) -> list[str]:
        asked.extend(domain for _cohort, domain in streams)  # type: ignore[attr-defined]  # an iterable of keys
        return ["PFS by S100A11", "S100A11 against FAP"]

    monkeypatch.setattr(extensions._extensions, "dependents", [find])
    first = read_record(stain=stain, reader="li", intensity=2, percent=30, by=by)
    assert "PFS by S100A11" in text(pathologist.get(url(stain)))
    answer = {"intensity": "3", "percent": "80", "seen": str(first.version), "reason": "wrong slide"}
    response = pathologist.post(url(stain), answer, follow=True)
    assert "T-0001 S100A11 saved. 2 analyses are stale." in text(response)
    assert response.request["PATH_INFO"] == url(stain)
    assert set(asked) == {"ihc/S100A11"}
    assert Read.objects.current().get().value == 12


def test_saving_what_is_stored_changes_nothing(pathologist: Client, stain: Stain, by: Actor) -> None:
    first = read_record(stain=stain, reader="li", intensity=2, percent=30, by=by)
    answer = {"intensity": "2", "percent": "30", "extent": "2", "seen": str(first.version), "reason": "sure"}
    assert "Nothing was changed." in text(pathologist.post(url(stain), answer, follow=True))
    assert Read.objects.count() == 1


def test_a_wrong_percentage_is_told_together_with_the_missing_reason(
    pathologist: Client, stain: Stain, by: Actor
) -> None:
    first = read_record(stain=stain, reader="li", intensity=2, percent=30, by=by)
    answer = pathologist.post(url(stain), {"intensity": "3", "percent": "101", "seen": str(first.version)})
    assert set(answer.context["form"].errors) == {"percent", "reason"}


def test_a_correction_without_a_reason_is_refused(pathologist: Client, stain: Stain, by: Actor) -> None:
    first = read_record(stain=stain, reader="li", intensity=2, percent=30, by=by)
    pathologist.post(url(stain), {"intensity": "3", "percent": "30", "seen": str(first.version)})
    assert Read.objects.count() == 1


def test_a_stale_save_says_what_changed_and_keeps_what_was_typed(pathologist: Client, stain: Stain, by: Actor) -> None:
    first = read_record(stain=stain, reader="li", intensity=2, percent=30, by=by)
    second = read_correct(read=first, intensity=3, percent=30, by=by, reason="darker")
    answer = {"intensity": "1", "percent": "45", "seen": str(first.version), "reason": "paler"}
    response = pathologist.post(url(stain), answer)
    assert "intensity: 2 → 3" in text(response)
    assert "Stored now: 3" in text(response)
    assert 'value="45"' in text(response)
    assert Read.objects.count() == 2
    pathologist.post(url(stain), answer | {"seen": str(second.version)})
    assert Read.objects.current().get().value == 2


def test_a_second_window_does_not_overwrite_the_first_read(pathologist: Client, stain: Stain, by: Actor) -> None:
    read_record(stain=stain, reader="li", intensity=2, percent=30, by=by)
    response = pathologist.post(url(stain), {"intensity": "1", "percent": "45", "seen": "0"})
    assert "intensity: — → 2" in text(response)
    assert Read.objects.count() == 1


def test_a_reader_sees_neither_the_patient_nor_anybody_elses_read(pathologist: Client, stain: Stain, by: Actor) -> None:
    read_record(stain=stain, reader="wang", intensity=3, percent=99, comment="secret remark", by=by)
    pages = [text(pathologist.get(path)) for path in ("/ihc/", url(stain), f"/ihc/{stain.pk}/history/")]
    for forbidden in (stain.specimen.patient.study_number, "wang", "secret remark", "2024-01-05"):
        assert not any(forbidden in page for page in pages)


def test_what_a_reader_sees_does_not_depend_on_another_readers_read(
    pathologist: Client, stain: Stain, by: Actor
) -> None:
    def seen() -> list[str]:
        pages = [text(pathologist.get(path)) for path in ("/ihc/", url(stain), "/ihc/?state=read")]
        return [page.replace(str(page_token(page)), "") for page in pages]

    before = seen()
    read_record(stain=stain, reader="wang", intensity=3, percent=99, by=by)
    assert seen() == before


def page_token(page: str) -> str:
    _before, _, rest = page.partition('X-CSRFToken": "')
    token, _, _after = rest.partition('"')
    return token


def test_the_read_of_another_is_refused_to_a_pathologist_and_open_to_a_data_manager(
    pathologist: Client, stain: Stain, by: Actor
) -> None:
    first = read_record(stain=stain, reader="wang", intensity=3, percent=99, by=by)
    asked = f"{url(stain)}?reader=wang"
    assert pathologist.get(asked).status_code == 403
    manager = signed_in(Role.DATA_MANAGER)
    assert "read of wang" in text(manager.get(asked))
    answer = {"intensity": "3", "percent": "90", "seen": str(first.version), "reason": "transcription error"}
    manager.post(asked, answer)
    corrected = Read.objects.current().get()
    assert (corrected.reader, corrected.recorded_by, corrected.percent) == ("wang", "data_manager", 90)


def test_nobody_reads_in_the_name_of_somebody_who_has_not_read(stain: Stain) -> None:
    assert signed_in(Role.DATA_MANAGER).get(f"{url(stain)}?reader=wang").status_code == 404


def test_a_read_is_retracted_with_a_reason(pathologist: Client, stain: Stain, by: Actor) -> None:
    first = read_record(stain=stain, reader="li", intensity=2, percent=30, by=by)
    path = f"/ihc/{stain.pk}/history/"
    pathologist.post(path, {"seen": str(first.version), "reason": ""})
    assert Read.objects.current().exists()
    pathologist.post(path, {"seen": str(first.version), "reason": "folded section"})
    assert not Read.objects.current().exists()
    assert "folded section" in text(pathologist.get(path))


@pytest.mark.parametrize(
    ("role", "listed", "read"),
    [
        (Role.PATHOLOGIST, 200, 200),
        (Role.TECHNICIAN, 200, 403),
        (Role.DATA_MANAGER, 200, 200),
        (Role.INVESTIGATOR, 403, 403),
        (Role.ADMINISTRATOR, 200, 200),
    ],
)
def test_each_role_reaches_its_pages_only(stain: Stain, role: Role, listed: int, read: int) -> None:
    client = signed_in(role)
    assert client.get("/ihc/").status_code == listed
    assert client.get(url(stain)).status_code == read
    assert client.post(url(stain), {}).status_code == read


def test_a_stain_of_another_site_is_not_there(stain: Stain) -> None:
    stranger = signed_in(Role.PATHOLOGIST, username="far", sites=[site("FAR")])
    assert stranger.get(url(stain)).status_code == 404
    assert "T-0001" not in text(stranger.get("/ihc/"))


def test_the_list_is_filtered_by_marker_state_and_code(
    pathologist: Client, stain: Stain, fields_stain: Stain, by: Actor
) -> None:
    read_record(stain=stain, reader="li", intensity=2, percent=30, by=by)
    assert Marker.objects.count() >= 3
    listed = {}
    for query in ("", "marker=CD206", "state=read", "q=T-00", "q=nothing"):
        table = text(pathologist.get(f"/ihc/?{query}")).partition("<tbody>")[2]
        listed[query] = (f'href="{url(stain)}"' in table, f'href="{url(fields_stain)}"' in table)
    assert listed == {
        "": (True, True),
        "marker=CD206": (False, True),
        "state=read": (True, False),
        "q=T-00": (True, True),
        "q=nothing": (False, False),
    }


def test_densities_are_on_the_list_of_the_bench_and_nobodys_to_do(
    pathologist: Client, fields_stain: Stain, by: Actor
) -> None:
    marker = marker_set(code="CXCL17", name="CXCL17", scale="density", unit="cells/mm²", by=by)
    stain_create(specimen=fields_stain.specimen, marker=marker, by=by)
    assert "CXCL17" not in text(pathologist.get("/ihc/"))
    listed = text(signed_in(Role.DATA_MANAGER).get("/ihc/?marker=CXCL17"))
    assert "density (continuous)" in listed
    assert "Read the next one" not in listed


def test_the_list_costs_the_same_queries_for_any_number_of_stains(
    pathologist: Client, stain: Stain, by: Actor, django_assert_max_num_queries: object
) -> None:
    for number in range(30):
        specimen = specimen_create(
            patient=stain.specimen.patient, code=f"X-{number}", kind="tumour", timing="baseline_declared", by=by
        )
        stain_create(specimen=specimen, marker=stain.marker, by=by)
    with django_assert_max_num_queries(20):  # type: ignore[operator]  # pytest-django's fixture is untyped
        pathologist.get("/ihc/")


def test_the_table_on_the_page_is_the_servers(pathologist: Client, stain: Stain) -> None:
    page = text(pathologist.get(url(stain)))
    sent = json.loads(page.partition('<script id="protocol" type="application/json">')[2].partition("</script>")[0])
    assert sent == json.loads(json.dumps(protocol()))
    for percent in range(101):
        (fitting,) = [row["extent"] for row in sent["extents"] if row["low"] <= percent <= row["high"]]
        assert fitting == extent_of_percent(percent)


def test_a_site_that_nobody_may_see_hides_its_stains_from_the_form_too(stain: Stain, by: Actor) -> None:
    other: Site = site("OTHER")
    client = signed_in(Role.DATA_MANAGER, username="other", sites=[other])
    assert client.post(url(stain), {"intensity": "1", "percent": "5"}).status_code == 404
    assert not Read.objects.exists()
