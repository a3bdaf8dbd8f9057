"""The header Idempotency-Key: a POST with a key that was answered before gets that answer again."""

import json
import re
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers, status
from rest_framework.exceptions import APIException
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from registry.idempotency.services import Answer, OtherRequest, UnderWay, done_once
from registry.people.models import User

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
_KEY = re.compile(r"[\x21-\x7e]{1,200}")


class KeyInUse(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_detail = _("The first request with this key is still under way. Ask again in a second.")
    wait = 1


class KeyOfAnother(APIException):
    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_detail = _("This key was used for another request. Nothing was done.")


def repeatable(post: Callable[..., Response], user: User, request: Request) -> Callable[..., Response]:
    """The handler `post`, done once for each key of this person."""
    key = request.headers[HEADER]
    if not _KEY.fullmatch(key):
        raise serializers.ValidationError({HEADER: [_("A key is 1 to 200 printable characters without spaces.")]})

    def once(request: Request, *args: Any, **kwargs: Any) -> Response:
        def do() -> Answer:
            made = post(request, *args, **kwargs)
            body = JSONRenderer().render(made.data).decode()
            return Answer(made.status_code, body, made.headers.get("ETag", ""))

        try:
            answer, is_replayed = done_once(owner=user, key=key, digest=_digest(request), do=do)
        except UnderWay:
            raise KeyInUse from None
        except OtherRequest:
            raise KeyOfAnother from None
        response = Response(json.loads(answer.body), status=answer.status)
        if answer.etag:
            response["ETag"] = answer.etag
        if is_replayed:
            response[REPLAYED] = "true"
        return response

    return once


def _digest(request: Request) -> str:
    """As it was understood: a repeated upload has another boundary between its parts."""
    found = sha256()
    for part in (request.get_full_path(), *_sent(request.data)):
        found.update(f"{len(part)} {part}".encode(errors="surrogatepass"))
    return found.hexdigest()


def _sent(data: Any) -> Iterator[str]:
    if not isinstance(data, QueryDict):
        yield json.dumps(data, sort_keys=True)
        return
    for name in sorted(data):
        for value in data.getlist(name):
            yield name
            yield _file(value) if isinstance(value, UploadedFile) else value


def _file(file: "UploadedFile[bytes]") -> str:
    found = sha256()
    for chunk in file.chunks():
        found.update(chunk)
    file.seek(0)
    return f"{file.name} {found.hexdigest()}"
