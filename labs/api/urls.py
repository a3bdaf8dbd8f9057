from collections.abc import Iterator

from django.urls import URLPattern, path

from labs.api import liver, panels, reads, results, specimens
from labs.api.bench_urls import bench_urls
from labs.api.inbox.urls import inbox_urls
from registry.api.documentation import offer
from registry.api.endpoints import Endpoint, expose


def _family(name: str, *, many: type[Endpoint], one: type[Endpoint], **acts: type[Endpoint]) -> Iterator[URLPattern]:
    offer(name, many)
    yield path(f"{name}/", expose(many), name=name)
    yield path(f"{name}/<int:pk>/", expose(one), name=f"{name}-one")
    for act, view in acts.items():
        yield path(f"{name}/<int:pk>/{act}/", expose(view), name=f"{name}-{act}")


def _shared(name: str, view: type[Endpoint]) -> URLPattern:
    offer(name, view)
    return path(f"{name}/", expose(view), name=name)


urlpatterns: list[URLPattern] = [
    _shared("markers", specimens.Markers),
    _shared("antibodies", specimens.Antibodies),
    _shared("analytes", specimens.Analytes),
    *_family("specimens", many=specimens.Specimens, one=specimens.OneSpecimen, retire=specimens.RetiredSpecimen),
    path("specimens/<int:pk>/panel/", expose(results.Panel), name="panel"),
    *_family("stains", many=specimens.Stains, one=specimens.OneStain, retire=specimens.RetiredStain),
    path("stains/<int:pk>/read/", expose(reads.MyRead), name="my-read"),
    path("stains/<int:pk>/read/retract/", expose(reads.RetractedRead), name="my-read-retract"),
    _shared("reads", reads.Reads),
    *_family("blots", many=results.Blots, one=results.OneBlot, retract=results.RetractedBlot),
    *_family("folds", many=results.Folds, one=results.OneFold, retract=results.RetractedFold),
    *_family(
        "blood-results",
        many=results.BloodResults,
        one=results.OneBloodResult,
        retract=results.RetractedBloodResult,
    ),
    path("blood-panels/", expose(panels.BloodPanels), name="blood-panels"),
    path("blood-uploads/", expose(panels.BloodUploads), name="blood-uploads"),
    path("enrolments/<int:pk>/liver/", expose(liver.LiverOfEnrolment), name="liver"),
    _shared("liver-discordant", liver.LiverDiscordant),
    _shared("my-rounds", reads.MyRounds),
    path("my-rounds/<slug:code>/next/", expose(reads.NextSlide), name="my-next-slide"),
    path("my-rounds/<slug:code>/slides/<slug:slide>/", expose(reads.MySlide), name="my-slide"),
    *bench_urls,
    *inbox_urls,
]
