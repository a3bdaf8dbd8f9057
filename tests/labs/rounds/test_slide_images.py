"""Pictures of slides: what is taken, what is dropped, how it is cut, and who may look at it."""

from io import BytesIO
from math import ceil
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from labs.rounds.images import services
from labs.rounds.images.models import SlideImage
from labs.rounds.images.pyramid import TILE, ImageRefused, build, level_size, look_at, top_level
from labs.rounds.images.services import cut_waiting, slide_image_add, slide_image_retire
from labs.rounds.models import Round
from registry.cohorts.models import Cohort
from registry.log.models import Change
from registry.people.models import User
from registry.people.roles import Role
from registry.people.services import role_grant
from tests.labs.rounds.fixtures import Reading, reading
from tests.labs.rounds.pictures import a_picture
from tests.labs.rounds.test_settling import adjudicated
from tests.registry.fixtures import BY
from tests.registry.people import client_of, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(a_cohort: Cohort) -> Reading:
    return reading(a_cohort, repeat_percent=50, washout_days=0)


def test_a_pyramid_holds_every_pixel_on_every_level(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(a_picture(700, 300).read())
    build(source, tmp_path / "tiles")
    assert top_level(700, 300) == 10
    for level in range(11):
        width, height = level_size(700, 300, level)
        assert (width, height) == (ceil(700 / 2 ** (10 - level)), ceil(300 / 2 ** (10 - level)))
        found = sorted(path.name for path in (tmp_path / "tiles" / str(level)).iterdir())
        columns, rows = ceil(width / TILE), ceil(height / TILE)
        assert found == sorted(f"{x}_{y}.jpg" for x in range(columns) for y in range(rows))
    with Image.open(tmp_path / "tiles" / "10" / "2_1.jpg") as last:
        assert last.size == (700 - 2 * TILE, 300 - TILE)


@pytest.mark.parametrize(("size", "top"), [((1, 1), 0), ((2, 1), 1), ((256, 256), 8), ((257, 10), 9)])
def test_the_top_level_is_the_first_that_holds_the_picture(size: tuple[int, int], top: int) -> None:
    assert top_level(*size) == top
    assert level_size(*size, 0) == (1, 1)
    assert level_size(*size, top) == size


def test_only_pixels_are_kept(made: Reading, slides_root: Path) -> None:
    exif = Image.Exif()
    exif[0x010E] = "Zhang Wei 1961"
    stain = made.slides()[0].stain
    upload = a_picture(kind="JPEG", name="Zhang_Wei.jpg", exif=exif)
    image = slide_image_add(stain=stain, upload=upload, um_per_pixel=0.5, by=BY)
    stored = [path for path in slides_root.rglob("*") if path.is_file()]
    assert stored
    assert not any(b"Zhang" in path.read_bytes() or "Zhang" in str(path) for path in stored)
    assert not any("Zhang" in change.new for change in Change.objects.all())
    assert not image.upload.exists()


def test_a_quarter_turn_in_the_file_is_a_turn_of_the_pixels(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    source = tmp_path / "source"
    source.write_bytes(a_picture(40, 30, "JPEG", exif=exif).read())
    assert look_at(source, 10_000) == (30, 40)


@pytest.mark.parametrize(
    ("upload", "why"),
    [
        (SimpleUploadedFile("Zhang.png", b"no picture"), "not a PNG, JPEG or TIFF"),
        (SimpleUploadedFile("Zhang.gif", b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"), "not a PNG, JPEG or TIFF"),
        (a_picture(2000, 1000), "at most 1 million"),
        (SimpleUploadedFile("cut.jpg", a_picture(400, 300, "JPEG").read()[:-900]), "breaks off"),
    ],
)
def test_what_is_no_picture_of_ours_is_refused_without_naming_the_file(
    made: Reading, settings: Any, slides_root: Path, upload: SimpleUploadedFile, why: str
) -> None:
    settings.SLIDE_MEGAPIXELS = 1
    with pytest.raises(ValidationError, match=why) as refused:
        slide_image_add(stain=made.slides()[0].stain, upload=upload, by=BY)
    assert "Zhang" not in str(refused.value)
    assert not SlideImage.objects.exists()
    assert not list(slides_root.iterdir())


def test_a_large_file_is_refused_before_it_is_written(made: Reading, settings: Any) -> None:
    settings.SLIDE_MEGABYTES = 0
    with pytest.raises(ValidationError, match="larger than 0 MB"):
        slide_image_add(stain=made.slides()[0].stain, upload=a_picture(), by=BY)


def test_a_large_picture_is_cut_by_the_sweep_or_by_who_looks_first(
    made: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "AT_ONCE", 0)
    one, two = (slide_image_add(stain=slide.stain, upload=a_picture(), by=BY) for slide in made.slides()[:2])
    assert (one.upload.exists(), one.tiles.exists()) == (True, False)
    assert client_of(made.first).get(_tile(made, 0)).status_code == 200
    assert (one.tiles.exists(), two.tiles.exists()) == (True, False)
    assert cut_waiting() == 1
    assert cut_waiting() == 0
    assert two.tiles.exists()


def test_a_stain_has_one_picture_and_the_next_after_a_reason(made: Reading) -> None:
    stain = made.slides()[0].stain
    image = slide_image_add(stain=stain, upload=a_picture(), by=BY)
    with pytest.raises(ValidationError, match="has an image"):
        slide_image_add(stain=stain, upload=a_picture(), by=BY)
    slide_image_retire(image=image, expected_version=1, by=BY, reason="another block")
    slide_image_add(stain=stain, upload=a_picture(), by=BY)


def _tile(made: Reading, place: int, part: str = "0/0_0.jpg") -> str:
    return f"/rounds/R2/read/{made.slides()[place].code}/image/{part}"


def test_a_reader_sees_the_tiles_of_the_own_queue_under_the_code(made: Reading) -> None:
    slide_image_add(stain=made.slides()[0].stain, upload=a_picture(600, 300), um_per_pixel=0.25, by=BY)
    ann = client_of(made.first)
    answer = ann.get(_tile(made, 0, "10/2_1.jpg"))
    with Image.open(BytesIO(b"".join(answer))) as tile:
        assert tile.size == (600 - 512, 300 - 256)
    assert answer["Cache-Control"].startswith("private")
    page = ann.get(f"/rounds/R2/read/{made.slides()[0].code}/").content.decode()
    assert 'data-um-per-pixel="0.250000"' in page
    assert "Take slide" not in page
    missing = [_tile(made, 0, "10/3_1.jpg"), _tile(made, 0, "11/0_0.jpg"), _tile(made, 1)]
    assert [ann.get(url).status_code for url in missing] == [404, 404, 404]
    eve = client_of(person(Role.PATHOLOGIST, username="eve"))
    assert eve.get(_tile(made, 0)).status_code == 404
    Round.objects.update(status="draft")
    assert ann.get(_tile(made, 0)).status_code == 404


def test_a_hidden_repeat_does_not_betray_itself_by_an_address(made: Reading) -> None:
    repeat = made.round.slides.filter(repeats__isnull=False, stain__marker__code="FAP").first()
    assert repeat is not None and repeat.repeats is not None
    slide_image_add(stain=repeat.stain, upload=a_picture(), by=BY)
    made.read(made.first, repeat.repeats, intensity=1, percent=10)
    ann = client_of(made.first)
    marks = []
    for slide in (repeat, repeat.repeats):
        page = ann.get(f"/rounds/R2/read/{slide.code}/")
        marks.append(page.context["tiles"].fitted.split("?")[1])
        assert page.context["tiles"].image.folder not in page.content.decode()
        assert page.context["tiles"].image.sha256 not in page.content.decode()
    assert marks[0] != marks[1]


def test_the_bench_uploads_looks_and_takes_back(made: Reading, tom: User) -> None:
    stain = made.slides()[0].stain
    bench = client_of(tom)
    url = reverse("labs:stain-image", args=[stain.pk])
    page = bench.post(url, {"file": a_picture(), "um_per_pixel": "0,5"})
    assert "point" in page.content.decode() or "comma" in page.content.decode()
    assert not SlideImage.objects.exists()
    assert bench.post(url, {"file": a_picture(), "um_per_pixel": "0.5"}).status_code == 302
    assert bench.get(f"{url}fitted.jpg").status_code == 200
    assert bench.get(f"{url}0/0_0.jpg").status_code == 200
    assert "data-viewer" in bench.get(url).content.decode()
    assert bench.post(f"{url}retire/", {"version": 1, "reason": "another block"}).status_code == 302
    assert bench.get(f"{url}fitted.jpg").status_code == 404


def test_another_server_gets_the_blind_code_and_nothing_else(made: Reading, settings: Any) -> None:
    settings.SLIDE_SERVER = "https://slides.example.org/dzi/{code}.dzi"
    code = made.slides()[0].code
    page = client_of(made.first).get(f"/rounds/R2/read/{code}/").content.decode()
    assert f'data-source="https://slides.example.org/dzi/{code}.dzi"' in page
    assert "Take slide" in page


def test_whoever_settles_a_slide_sees_its_picture_or_the_card_of_the_glass(a_cohort: Cohort, settings: Any) -> None:
    made = adjudicated(a_cohort, third=True)
    shown, glass = made.slides()[:2]
    slide_image_add(stain=shown.stain, upload=a_picture(600, 300), um_per_pixel=0.25, by=BY)
    dora = client_of(person(Role.DATA_MANAGER, username="dora"))
    page = dora.get(f"/rounds/R2/slides/{shown.code}/").content.decode()
    assert "data-viewer" in page and 'data-um-per-pixel="0.250000"' in page and "slide_viewer" in page
    base = f"/rounds/R2/slides/{shown.code}/image/"
    assert f'data-pattern="{base}{{level}}/{{x}}_{{y}}.jpg' in page and f'src="{base}fitted.jpg' in page
    assert dora.get(f"{base}fitted.jpg").status_code == 200
    with Image.open(BytesIO(b"".join(dora.get(f"{base}10/2_1.jpg")))) as tile:
        assert tile.size == (600 - 512, 300 - 256)
    page = dora.get(f"/rounds/R2/slides/{glass.code}/").content.decode()
    assert f"Take slide {glass.code}" in page and "data-viewer" not in page
    assert dora.get(f"/rounds/R2/slides/{glass.code}/image/fitted.jpg").status_code == 404
    settings.SLIDE_SERVER = "https://slides.example.org/dzi/{code}.dzi"
    page = dora.get(f"/rounds/R2/slides/{glass.code}/").content.decode()
    assert f'data-source="https://slides.example.org/dzi/{glass.code}.dzi"' in page
    for reader in (made.first, User.objects.get(username="cat")):
        role_grant(user=reader, role=Role.DATA_MANAGER, by=BY)
        for part in ("fitted.jpg", "10/2_1.jpg"):
            assert client_of(reader).get(base + part).status_code == 404


def test_a_damaged_file_is_no_tile(made: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "AT_ONCE", 0)
    whole = a_picture(400, 300, "JPEG").read()
    image = slide_image_add(stain=made.slides()[0].stain, upload=SimpleUploadedFile("cut", whole[:-900]), by=BY)
    with pytest.raises(ImageRefused):
        services.tiles_of(image)
    assert client_of(made.first).get(_tile(made, 0)).status_code == 404
    assert cut_waiting() == 0
