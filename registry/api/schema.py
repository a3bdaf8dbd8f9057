"""The description of each operation, taken from what its view declares."""

from inspect import cleandoc
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from registry.api.repeating import HEADER
from registry.api.serializers import Error

_ALWAYS = (400, 401, 403, 404, 405, 406, 429, 500)
_REFUSALS = {
    "GET": _ALWAYS,
    "POST": (*_ALWAYS, 409, 413, 415, 422),
    "PATCH": (*_ALWAYS, 409, 415),
    "PUT": (*_ALWAYS, 409, 415),
}


class Schema(AutoSchema):
    method: str
    view: Any

    def is_excluded(self) -> bool:
        return not hasattr(self.view, "describe")

    def get_request_serializer(self) -> Any:
        return self.view.describe(self.method).takes

    def get_response_serializers(self) -> Any:
        told = self.view.describe(self.method)
        return {(told.status, told.media_type): told.gives} | dict.fromkeys(_REFUSALS[self.method], Error)

    def get_override_parameters(self) -> list[Any]:
        told = self.view.describe(self.method)
        found: list[Any] = [told.asks] if told.asks else []
        if told.is_locked:
            found.append(_header("If-Match", "The version that you saw."))
        if self.method == "POST" and self.view.is_repeatable:
            found.append(_header(HEADER, "Sent again within a day it gets the first answer."))
        return found

    def get_tags(self) -> list[str]:
        return [self.view.tag or self._tokenize_path()[0]]

    def get_summary(self) -> str:
        return str(self.view.describe(self.method).summary)

    def get_description(self) -> str:  # type: ignore[override]  # as AutoSchema itself does
        # What is indented would be drawn as code.
        return cleandoc(type(self.view).__doc__ or "")

    def get_operation_id(self) -> str:
        path = self.path.removeprefix("/api/v1/").strip("/").replace("/", "_").replace("{", "by_").replace("}", "")
        return f"{self.method.lower()}_{path or 'index'}".replace("-", "_")


def _header(name: str, description: str) -> OpenApiParameter:
    return OpenApiParameter(name, str, OpenApiParameter.HEADER, description=description)
