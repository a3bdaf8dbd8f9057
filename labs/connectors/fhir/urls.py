from collections.abc import Iterator

from django.urls import URLPattern, path

from labs.connectors.fhir import views
from labs.connectors.fhir.families import Family, add_family, families
from labs.connectors.fhir.observations import Observations
from labs.connectors.fhir.patients import Patients
from labs.connectors.fhir.reports import Reports
from labs.connectors.fhir.specimens import Specimens
from registry.api.endpoints import expose

app_name = "fhir"

for family in (Patients(), Specimens(), Observations(), Reports()):
    add_family(family)


def _of(family: Family) -> Iterator[URLPattern]:
    kind = family.type
    parts = {
        "": (views.Type, "type"),
        "/_search": (views.Search, "search"),
        "/<str:key>": (views.Instance, "one"),
        "/<str:key>/_history": (views.History, "history"),
        "/<str:key>/_history/<str:number>": (views.OneVersion, "version"),
    }
    for end, (view, name) in parts.items():
        yield path(f"R4/{kind}{end}", expose(views.of_family(view, family)), name=f"{kind}-{name}")


urlpatterns: list[URLPattern] = [
    path("metadata", views.expose_to_all(views.Metadata), name="metadata-short"),
    path("R4/metadata", views.expose_to_all(views.Metadata), name="metadata"),
    path("R4", expose(views.Root), name="root-bare"),
    path("R4/", expose(views.Root), name="root"),
    *(pattern for each in families() for pattern in _of(each)),
]
