"""The start of the interface, its description for programs, and the same for people."""

from functools import cache
from typing import Any

from django.urls import reverse
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.endpoints import Endpoint, Told, expose
from registry.people.roles import EVERYBODY

# In the order in which somebody new would ask; each is the name of a list without arguments.
RESOURCES: list[tuple[str, type[Endpoint]]] = []


def offer(name: str, view: type[Endpoint]) -> None:
    """Called by each app's urls: the index names what the person may ask for."""
    RESOURCES.append((name, view))


class IndexPresenter(serializers.Serializer[Any]):
    resources = serializers.DictField(child=serializers.URLField())
    documentation = serializers.URLField()
    schema = serializers.URLField()


class Index(Endpoint):
    """What you may ask for, with your roles."""

    reading = EVERYBODY
    of_family = False
    tag = "index"

    def get(self, request: Request) -> Response:
        mine = [name for name, view in RESOURCES if self.user.has_role(*view.reading)]
        content = {
            "resources": {name: request.build_absolute_uri(reverse(f"api:{name}")) for name in mine},
            "documentation": request.build_absolute_uri(reverse("api:documentation")),
            "schema": request.build_absolute_uri(reverse("api:schema")),
        }
        return Response(content)

    def describe(self, method: str) -> Told:
        return Told("Start", None, IndexPresenter)


class KeptGenerator(SchemaGenerator):
    """What it says hangs on the code alone, and to put it together takes a second."""

    def get_schema(self, request: Any = None, public: bool = False) -> dict[str, Any]:
        if self.api_version:
            return dict(super().get_schema(request, public))  # type: ignore[no-untyped-call]  # untyped library
        return _described(public)


@cache
def _described(public: bool) -> dict[str, Any]:
    return dict(SchemaGenerator().get_schema(public=public))  # type: ignore[no-untyped-call]  # untyped library


class SchemaView(Endpoint, SpectacularAPIView):
    """The description of this interface in OpenAPI 3.0."""

    generator_class = KeptGenerator
    reading = EVERYBODY
    of_family = False
    authentication_classes = Endpoint.authentication_classes
    permission_classes = Endpoint.permission_classes


class DocumentationView(Endpoint, SpectacularSwaggerSplitView):
    """The same, to read and to try out."""

    reading = EVERYBODY
    of_family = False
    authentication_classes = Endpoint.authentication_classes
    permission_classes = Endpoint.permission_classes
    template_name = "registry/api_documentation.html"
    url_name = "api:schema"


index = expose(Index)
schema = expose(SchemaView)
documentation = expose(DocumentationView)
