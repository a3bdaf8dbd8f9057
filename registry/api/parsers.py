"""JSON that can be stored, or a refusal that says why not."""

import re
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

# JSON can escape half a surrogate pair, and nothing can store it or answer with it.
HALF = re.compile("[\ud800-\udfff]")


class StorableJson(JSONParser):
    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            found = super().parse(stream, media_type, parser_context)
        except RecursionError:
            raise ParseError(_("JSON parse error - nested too deeply")) from None
        if any(HALF.search(text) for text in _texts(found)):
            raise ParseError(_("JSON parse error - half a surrogate pair is no character"))
        return found


def _texts(found: Any) -> Iterator[str]:
    waiting = [found]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            yield part
        elif isinstance(part, dict):
            waiting += [*part, *part.values()]
        elif isinstance(part, list):
            waiting += part
