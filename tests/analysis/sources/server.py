"""A server of one file on 127.0.0.1 that misbehaves as it is told."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Served:
    """`breaks` are the numbers of bytes after which the next answers break off; `asked` are the ranges of requests."""

    content: bytes
    url: str = ""
    tag: str = '"v1"'
    ranges: bool = True
    breaks: list[int] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    location: str = ""
    says_length: bool = True
    hangs: bool = False
    released: threading.Event = field(default_factory=threading.Event)
    asked: list[str] = field(default_factory=list)


@contextmanager
def serving(content: bytes) -> Iterator[Served]:
    served = Served(content)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("_OfServed", (_Handler,), {"served": served}))
    served.url = f"http://127.0.0.1:{server.server_address[1]}/file.gmt"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield served
    finally:
        served.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    served: Served

    def do_GET(self) -> None:
        self.served.asked.append(self.headers.get("Range") or "")
        if self.served.hangs:
            self.served.released.wait(30)
            self.close_connection = True
            return
        if self.served.location and self.path == "/file.gmt":
            self.answer(302, {"Location": self.served.location})
        elif self.served.statuses:
            self.answer(self.served.statuses.pop(0), {})
        else:
            self.file()

    def file(self) -> None:
        start = self.start()
        if start >= len(self.served.content) > 0:
            self.answer(416, {})
            return
        body = self.served.content[start:]
        headers = {"ETag": self.served.tag} if self.served.tag else {}
        if self.served.says_length:
            headers["Content-Length"] = str(len(body))
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(self.served.content) - 1}/{len(self.served.content)}"
        self.answer(206 if start else 200, headers)
        self.wfile.write(body[: self.served.breaks.pop(0)] if self.served.breaks else body)

    def start(self) -> int:
        found = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range") or "")
        is_same = self.headers.get("If-Range") in {None, self.served.tag}
        return int(found[1]) if found and self.served.ranges and is_same else 0

    def answer(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        pass
