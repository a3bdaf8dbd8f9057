"""JSON over HTTP with one server. No redirects: a password goes to the address that was set up, and to no other."""

import base64
import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.message import Message
from typing import IO, Any
from urllib.parse import urlencode, urlsplit

LARGEST = 50 * 1024 * 1024
SHOWN = 200


class Refused(OSError):
    """An answer that is no success, with the first words of what the server says."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status} {text}".strip())
        self.status = status


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> None:
        return None


@dataclass(frozen=True)
class Answer:
    data: bytes
    cookies: tuple[str, ...] = ()


@dataclass
class Server:
    """`base` is the address that every path is appended to. With `user` each request carries HTTP Basic."""

    base: str
    user: str = ""
    password: str = field(default="", repr=False)
    timeout: float = 30.0
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if urlsplit(self.base).scheme not in {"http", "https"}:
            raise ValueError("The address of a server begins with http:// or https://.")
        self.base = self.base.rstrip("/")
        self._opener = urllib.request.build_opener(_NoRedirects)

    def get(self, path: str, query: Mapping[str, str] | Sequence[tuple[str, str]] | None = None) -> Answer:
        return self._ask("GET", path + (f"?{urlencode(query)}" if query else ""))

    def post(self, path: str, document: object, headers: Mapping[str, str] | None = None) -> Answer:
        return self._ask("POST", path, json.dumps(document).encode(), headers)

    def _ask(
        self, method: str, path: str, data: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        request = urllib.request.Request(  # noqa: S310 - http or https, see above
            f"{self.base}{path}", data=data, method=method
        )
        sent = {"Accept": "application/json", "Content-Type": "application/json", **self.headers, **(headers or {})}
        if self.user:
            pair = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
            sent["Authorization"] = f"Basic {pair}"
        for name, value in sent.items():
            request.add_header(name, value)
        try:
            with self._opener.open(request, timeout=self.timeout) as answer:
                return Answer(_limited(answer), tuple(answer.headers.get_all("Set-Cookie") or ()))
        except urllib.error.HTTPError as error:
            with error:
                raise Refused(error.code, _words(error.read(4096))) from None
        except http.client.HTTPException as error:
            raise OSError(f"the answer cannot be read: {type(error).__name__}") from None


def _limited(answer: Any) -> bytes:
    data: bytes = answer.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise OSError("the answer is too large")
    return data


def _words(data: bytes) -> str:
    """A sentence out of an error: SENAITE says it as JSON, others as text or as a page."""
    text = data.decode("utf-8", "replace")
    try:
        said = json.loads(text)
    except ValueError:
        said = None
    if isinstance(said, dict):
        text = next((str(said[name]) for name in ("message", "error", "errorKey") if said.get(name)), text)
    return " ".join(text.split())[:SHOWN]
