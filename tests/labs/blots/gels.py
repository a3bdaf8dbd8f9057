"""A small gel for tests: two lanes of a tumour, one of normal tissue, an empty one; FAP and its loading control."""

import io

from PIL import Image

from labs.bench_files.models import BenchUpload, FileKind
from labs.bench_files.services import upload_keep
from labs.blots.models import Gel, GelProbe, Lane
from labs.blots.services import gel_image_set, gel_import, lane_assign, probe_set
from labs.markers.models import Antibody, Marker
from labs.specimens.models import Specimen
from registry.log.actors import Actor
from registry.people.models import User

BY = Actor.system("tests", "test")
FILE = (
    "Lane,Band No,Target,Volume,Area,Background,Max\n"
    "1,1,FAP,1000,100,2,200\n1,1,ACTB,500,100,1,180\n"
    "2,1,FAP,1400,100,2,210\n2,1,ACTB,500,100,1,180\n"
    "3,1,FAP,400,100,2,90\n3,1,ACTB,900,100,1,254\n"
    "4,1,FAP,100,100,0,20\n4,1,ACTB,50,100,0,10\n"
)


def probe(gel: Gel, name: str) -> GelProbe:
    return gel.probes.get(name=name)


def lane(gel: Gel, number: int) -> Lane:
    return gel.lanes.get(number=number)


def a_gel(code: str = "G1") -> Gel:
    return gel_import(name="fap.csv", content=FILE.encode(), code=code, by=BY).gels[0]


def say_what_is_what(gel: Gel, tumour: Specimen, normal: Specimen | None = None) -> Gel:
    antibody = Antibody.objects.filter(marker__code="FAP", method="western").first()
    said = {"role": "target", "marker": Marker.objects.get(code="FAP"), "antibody": antibody}
    probe_set(probe=probe(gel, "FAP"), changes=said, by=BY)
    secondary = {"secondary_vendor": "Boster", "secondary_dilution": "1:7500"}
    probe_set(probe=probe(gel, "ACTB"), changes={"role": "control", "protein": "ACTB"} | secondary, by=BY)
    for number, specimen in ((1, tumour), (2, tumour), (3, normal)):
        lane_assign(lane=lane(gel, number), specimen=specimen, by=BY)
    lane_assign(lane=lane(gel, 4), specimen=None, content="blank", by=BY)
    return gel


def picture(kind: str, mode: str = "L", size: tuple[int, int] = (20, 10)) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, 100).save(out, kind)
    return out.getvalue()


def pictured_gel(tumour: Specimen) -> Gel:
    gel = say_what_is_what(a_gel("GEL-1"), tumour)
    return gel_image_set(gel=gel, name="blot.png", content=picture("PNG"), by=BY)


def waiting_upload() -> BenchUpload:
    content = FILE.replace("400", "401").encode()
    user = User.objects.order_by("pk").last()
    assert user is not None
    return upload_keep(name="fap.csv", kind=FileKind.DENSITOMETRY, content=content, user=user)
