"""Content types of FHIR: what is taken, and what is answered."""

import json
from typing import Any

from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import FormParser, JSONParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from labs.formats.fhir.elements import parse_json
from labs.formats.fhir.search import chosen_type

JSON = "application/fhir+json"


class FhirParser(JSONParser):
    """Of this class, so that what is too large is refused before it is read."""

    media_type = JSON

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        return parse_json(stream.read())


class PlainJsonParser(FhirParser):
    media_type = "application/json"


class SearchParser(FormParser):
    """POST …/_search"""


class FhirRenderer(BaseRenderer):
    media_type = JSON
    format = "json"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        return b"" if data is None else json.dumps(data, ensure_ascii=False, default=float).encode()


class PlainJsonRenderer(FhirRenderer):
    media_type = "application/json"


class Negotiation(BaseContentNegotiation):
    def select_parser(self, request: Request, parsers: Any) -> Any:
        sent = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == sent), None)

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        chosen = chosen_type(request.headers.get("Accept", ""), request.query_params.get("_format", ""))
        if not chosen:
            raise NotAcceptable
        renderer = next((each for each in renderers if each.media_type == chosen), renderers[-1])
        return renderer, renderer.media_type
