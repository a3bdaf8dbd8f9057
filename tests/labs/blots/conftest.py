from datetime import date

import pytest

from labs.blots.models import Gel, GelProbe, Lane
from labs.blots.services import gel_import, lane_assign, probe_set
from labs.markers.models import Antibody, Marker
from labs.specimens.models import Specimen
from labs.specimens.services import specimen_create
from registry.log.actors import Actor
from registry.models import Enrolment

# Two lanes of a tumour, one of its normal tissue, an empty one; FAP and its loading control.
FILE = (
    "Lane,Band No,Target,Volume,Area,Background,Max\n"
    "1,1,FAP,1000,100,2,200\n1,1,ACTB,500,100,1,180\n"
    "2,1,FAP,1400,100,2,210\n2,1,ACTB,500,100,1,180\n"
    "3,1,FAP,400,100,2,90\n3,1,ACTB,900,100,1,254\n"
    "4,1,FAP,100,100,0,20\n4,1,ACTB,50,100,0,10\n"
)


@pytest.fixture
def normal(enrolment: Enrolment) -> Specimen:
    return specimen_create(patient=enrolment.patient, code="N-0001", kind="normal", collected=date(2024, 1, 5), by=BY)


BY = Actor.system("tests", "test")


def probe(gel: Gel, name: str) -> GelProbe:
    return gel.probes.get(name=name)


def lane(gel: Gel, number: int) -> Lane:
    return gel.lanes.get(number=number)


@pytest.fixture
def gel(db: None) -> Gel:
    return gel_import(name="fap.csv", content=FILE.encode(), code="G1", by=BY).gels[0]


@pytest.fixture
def ready_gel(gel: Gel, tumour: Specimen, normal: Specimen) -> Gel:
    """Every lane and probe is said to be what it is; background is local."""
    antibody = Antibody.objects.get(marker__code="FAP", method="western")
    said = {"role": "target", "marker": Marker.objects.get(code="FAP"), "antibody": antibody}
    probe_set(probe=probe(gel, "FAP"), changes=said, by=BY)
    probe_set(probe=probe(gel, "ACTB"), changes={"role": "control", "protein": "ACTB"}, by=BY)
    for number, specimen in ((1, tumour), (2, tumour), (3, normal)):
        lane_assign(lane=lane(gel, number), specimen=specimen, by=BY)
    lane_assign(lane=lane(gel, 4), specimen=None, content="blank", by=BY)
    return gel
