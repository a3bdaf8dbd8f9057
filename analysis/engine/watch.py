from typing import Any

from django.http import HttpRequest


def scheduler_banner(request: HttpRequest) -> dict[str, Any]:
    return {}
