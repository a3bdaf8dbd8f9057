"""The addresses of FHIR. Each parses, asks one interaction and presents; nothing is decided here."""

from collections.abc import Sequence
from typing import Any, ClassVar, cast

from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext as _
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from labs.connectors.fhir import errors, interactions
from labs.connectors.fhir.asking import Answer, Asker
from labs.connectors.fhir.bundled import process
from labs.connectors.fhir.families import Family, families
from labs.connectors.fhir.wire import (
    FhirParser,
    FhirRenderer,
    Negotiation,
    PlainJsonParser,
    PlainJsonRenderer,
    SearchParser,
)
from labs.formats.fhir.capability import capability_statement
from labs.formats.fhir.problems import Issue, Json, malformed, operation_outcome
from labs.formats.fhir.search import preference
from labs.specimens.access import MEASUREMENTS
from registry.api.endpoints import Endpoint
from registry.log.again import twice
from registry.tokens.models import ApiToken

ROOT = "/fhir/R4/"


class FhirView(Endpoint):
    parser_classes: Sequence[type[BaseParser]] = (FhirParser, PlainJsonParser)
    renderer_classes = (FhirRenderer, PlainJsonRenderer)
    content_negotiation_class = Negotiation
    schema = None
    # the type of the resource, for errors
    kind: ClassVar[str] = ""

    def get_exception_handler(self) -> Any:
        return errors.answer

    def scope_family(self, request: Request) -> str:
        return ""  # each interaction asks for its own letter

    @property
    def asker(self) -> Asker:
        token = self.request.auth if isinstance(self.request.auth, ApiToken) else None
        return Asker(self.user, self.base, token, self.request.headers.get("Prefer", ""))

    @property
    def base(self) -> str:
        return self.request.build_absolute_uri(ROOT)

    def body(self) -> Json:
        sent = self.request.data
        if not isinstance(sent, dict) or isinstance(sent, QueryDict):
            raise malformed(_("A resource is expected."))
        return sent

    def answered(self, answer: Answer) -> Response:
        wanted = preference(self.request.headers.get("Prefer", ""), "return")
        body = answer.body
        if self.request.method in ("POST", "PUT") and answer.about:
            if wanted == "minimal":
                body = None
            elif wanted == "operationoutcome":
                body = operation_outcome(200, [Issue(_("Stored."), code="informational", severity="information")])
        response = Response(body, status=answer.status, headers=dict(answer.headers))
        response["Cache-Control"] = "no-store"
        return response

    def query(self) -> list[tuple[str, str]]:
        return [(name, value) for name, values in self.request.query_params.lists() for value in values]


class OfFamily(FhirView):
    family: ClassVar[Family]


class Type(OfFamily):
    """Search and create."""

    def get(self, request: Request) -> Response:
        return self.answered(interactions.find_all(self.asker, self.family, self.query()))

    def post(self, request: Request) -> Response:
        """If-None-Exist, or a search in the address, as some clients send it without the header."""
        condition = (request.headers.get("If-None-Exist", "") or _conditions(request)).lstrip("?")
        asker, sent = self.asker, self.body()
        return self.answered(twice(lambda: interactions.create(asker, self.family, sent, condition)))

    def put(self, request: Request) -> Response:
        if_match = request.headers.get("If-Match", "")
        condition, asker, sent = _conditions(request), self.asker, self.body()
        return self.answered(
            twice(lambda: interactions.conditional_update(asker, self.family, sent, condition, if_match))
        )


def _conditions(request: Request) -> str:
    """What of the address is a search; _format and the like are none."""
    asked = request.query_params.copy()
    for name in ("_format", "_pretty"):
        asked.pop(name, None)
    return asked.urlencode()


class Search(OfFamily):
    parser_classes = (SearchParser,)

    def post(self, request: Request) -> Response:
        data = cast(QueryDict, request.data)
        sent = [(name, value) for name, values in data.lists() for value in values]
        return self.answered(interactions.find_all(self.asker, self.family, [*self.query(), *sent]))


class Instance(OfFamily):
    def get(self, request: Request, key: str) -> Response:
        if_none_match = request.headers.get("If-None-Match", "")
        return self.answered(interactions.read(self.asker, self.family, key, if_none_match))

    def put(self, request: Request, key: str) -> Response:
        if_match = request.headers.get("If-Match", "")
        asker, sent = self.asker, self.body()
        return self.answered(twice(lambda: interactions.update(asker, self.family, key, sent, if_match)))


class History(OfFamily):
    def get(self, request: Request, key: str) -> Response:
        return self.answered(interactions.history(self.asker, self.family, key))


class OneVersion(OfFamily):
    def get(self, request: Request, key: str, number: str) -> Response:
        return self.answered(interactions.vread(self.asker, self.family, key, number))


class Root(FhirView):
    """Bundles. What each entry needs is asked entry by entry."""

    reading = MEASUREMENTS
    writing = MEASUREMENTS

    def post(self, request: Request) -> Response:
        return self.answered(process(self.asker, self.body()))


class Open(FhirView):
    """For everybody, signed in or not: says nothing of anybody."""

    authentication_classes = ()
    permission_classes = ()


class Metadata(Open):
    def get(self, request: Request) -> Response:
        offered = [family.offered() for family in families()]
        return Response(capability_statement(self.base, settings.REVISION or "0.1.0", offered))


def expose_to_all(view: type[Open]) -> Any:
    made = view.as_view()
    made.allowed_roles = None  # type: ignore[attr-defined]  # read by the middleware and the matrix
    return made


def of_family(view: type[OfFamily], family: Family) -> type[OfFamily]:
    # A search that is posted reads all the same.
    writing = family.reading if view is Search else family.writing
    given = {"family": family, "kind": family.type, "reading": family.reading, "writing": writing}
    return type(f"{family.type}{view.__name__}", (view,), given)
