"""Small exports of QuPath for tests."""

from labs.bench_files.models import BenchUpload, FileKind
from labs.bench_files.services import upload_keep
from labs.markers.models import Stain
from labs.quantified.models import QuPathImport
from labs.quantified.services import qupath_import
from registry.log.actors import Actor
from registry.people.models import User

BY = Actor.system("tests", "test")
HEAD = "Image\tName\tROI\tNum Detections\tNum Negative\tNum Positive\tPositive %\tNum Positive per mm^2\tArea µm^2\n"


def export(*images: str) -> bytes:
    """One annotation per image: 100 of 1000 cells in 2 mm²; 300 of 1000 in 1 mm² from the second region on."""
    lines = []
    for place, image in enumerate(images):
        numbers = "1000\t900\t100\t10\t50\t2000000" if place == 0 else "1000\t700\t300\t30\t300\t1000000"
        lines.append(f"{image}\tregion {place + 1}\tPolygon\t{numbers}\n")
    return (HEAD + "".join(lines)).encode()


def an_import(stain: Stain) -> QuPathImport:
    content = export(f"{stain.specimen.code}_{stain.marker.code}.svs", "unknown.svs")
    return qupath_import(
        name="measurements.tsv",
        content=content,
        scorer="bob",
        classifier="positive cells v1",
        pattern="{specimen}_{marker}",
        among=[stain],
        by=BY,
    ).qupath_import


def waiting_export() -> BenchUpload:
    user = User.objects.order_by("pk").last()
    assert user is not None
    return upload_keep(name="m.tsv", kind=FileKind.QUPATH, content=export("x_y.svs"), user=user)
