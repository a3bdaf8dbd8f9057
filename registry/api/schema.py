"""The description of each operation, taken from what its view declares."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from registry.api.serializers import Error

_REFUSALS = {"GET": (401, 403, 404), "POST": (400, 401, 403, 404, 409), "PATCH": (400, 401, 403, 404, 409)}
_REFUSALS["PUT"] = _REFUSALS["PATCH"]


class Schema(AutoSchema):
    method: str
    view: Any

    def is_excluded(self) -> bool:
        return not hasattr(self.view, "describe")

    def get_request_serializer(self) -> Any:
        return self.view.describe(self.method).takes

    def get_response_serializers(self) -> Any:
        told = self.view.describe(self.method)
        return {told.status: told.gives} | dict.fromkeys(_REFUSALS[self.method], Error)

    def get_override_parameters(self) -> list[Any]:
        told = self.view.describe(self.method)
        found: list[Any] = [told.asks] if told.asks else []
        if told.is_locked:
            found.append(
                OpenApiParameter("If-Match", str, OpenApiParameter.HEADER, description="The version that you saw.")
            )
        return found

    def get_tags(self) -> list[str]:
        return [self.view.tag or self._tokenize_path()[0]]

    def get_summary(self) -> str:
        return str(self.view.describe(self.method).summary)

    def get_description(self) -> str:  # type: ignore[override]  # as AutoSchema itself does
        return (type(self.view).__doc__ or "").strip()

    def get_operation_id(self) -> str:
        path = self.path.removeprefix("/api/v1/").strip("/").replace("/", "_").replace("{", "by_").replace("}", "")
        return f"{self.method.lower()}_{path or 'index'}".replace("-", "_")
