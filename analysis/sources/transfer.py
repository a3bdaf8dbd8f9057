"""One file over HTTP into a `.part` file that a broken transfer can be continued from."""

import http.client
import json
import re
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

_BLOCK = 1 << 18
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")


class Refused(Exception):
    """A sentence. Asking again would not help."""


class BrokenOff(Exception):
    """A sentence. Asking again may help."""


@dataclass(frozen=True)
class Limits:
    """`largest` in bytes; `timeout` in seconds without a byte."""

    largest: int
    timeout: float


class _CarefulRedirects(urllib.request.HTTPRedirectHandler):
    """To the same host without losing TLS, or to any host over https."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        old, new = urlsplit(req.full_url), urlsplit(newurl)
        is_same = (old.scheme, old.netloc) == (new.scheme, new.netloc)
        if not is_same and new.scheme != "https":
            raise Refused(f"The server redirects to {new.scheme}://{new.netloc}, which is another host without https.")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def transfer(url: str, part: Path, limits: Limits, *, is_checked: bool, progress: Callable[[int, int], None]) -> None:
    """Appends to `part` what it lacks. `is_checked` says that the whole has a known checksum: then bytes from before
    count even where the server does not say that the file is still the same one.

    Raises Refused, BrokenOff and OSError. `progress` is told the bytes held and the bytes in all, 0 where the server
    does not say.
    """
    if urlsplit(url).scheme not in {"http", "https"}:
        raise Refused("An address begins with https:// or http://.")
    known = _known(part, url)
    held = part.stat().st_size if part.exists() and (known or (is_checked and _is_of(part, url))) else 0
    request = urllib.request.Request(url)  # noqa: S310 - http or https, see above
    request.add_header("User-Agent", "Hepatica")
    request.add_header("Accept-Encoding", "identity")
    if held:
        request.add_header("Range", f"bytes={held}-")
        if known:
            request.add_header("If-Range", known)
    try:
        with urllib.request.build_opener(_CarefulRedirects).open(request, timeout=limits.timeout) as answer:
            _receive(answer, url, part, held, limits, progress)
    except urllib.error.HTTPError as error:
        with error:
            _of_status(error.code, part, held)
    except urllib.error.URLError as error:
        if isinstance(error.reason, ssl.SSLCertVerificationError):
            raise Refused(f"The server's certificate is not good: {error.reason.verify_message}.") from None
        raise BrokenOff(f"The server cannot be reached: {error.reason}.") from None
    except TimeoutError:
        raise BrokenOff(f"The server sent nothing for {limits.timeout:g} s.") from None
    except (http.client.HTTPException, ConnectionError, ssl.SSLError) as error:
        raise BrokenOff(f"The connection broke off ({type(error).__name__}).") from None


def forget(part: Path) -> None:
    part.unlink(missing_ok=True)
    _note(part).unlink(missing_ok=True)


def _of_status(status: int, part: Path, held: int) -> None:
    if status == 416 and held:
        # What is held is no beginning of what is there now.
        forget(part)
        raise BrokenOff("The server has another file now.")
    words = f"The server answers {status} {http.client.responses.get(status, '')}".strip() + "."
    raise BrokenOff(words) if status in _AGAIN else Refused(words)


def _receive(
    answer: Any, url: str, part: Path, held: int, limits: Limits, progress: Callable[[int, int], None]
) -> None:
    start, whole = 0, int(answer.headers.get("Content-Length") or 0)
    if answer.status == 206:
        found = _RANGE.fullmatch(answer.headers.get("Content-Range") or "")
        if not found or int(found[1]) != held:
            forget(part)
            raise BrokenOff("The server sent another part than was asked for.")
        start, whole = held, 0 if found[3] == "*" else int(found[3])
    elif answer.status != 200:
        raise Refused(f"The server answers {answer.status}.")
    if whole > limits.largest:
        raise Refused(f"The file has {whole:,} bytes, more than the limit of {limits.largest:,}.")
    _note(part).write_text(json.dumps({"url": url, "same": _validator(answer.headers)}), encoding="utf-8")
    with part.open("ab" if start else "wb") as kept:
        done = start
        while block := answer.read(_BLOCK):
            done += len(block)
            if done > limits.largest:
                forget(part)
                raise Refused(f"The file has more bytes than the limit of {limits.largest:,}.")
            kept.write(block)
            progress(done, whole)
    if done < whole:
        raise BrokenOff(f"The connection broke off after {done:,} of {whole:,} bytes.")


def _validator(headers: Message) -> str:
    """What says later that the file is still the same one: a strong ETag or a date."""
    tag = headers.get("ETag") or ""
    return str(tag if tag and not tag.startswith("W/") else headers.get("Last-Modified") or "")


def _note(part: Path) -> Path:
    return part.with_name(part.name + ".from")


def _read_note(part: Path) -> dict[str, str]:
    try:
        return dict(json.loads(_note(part).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def _is_of(part: Path, url: str) -> bool:
    return _read_note(part).get("url") == url


def _known(part: Path, url: str) -> str:
    return _read_note(part).get("same", "") if _is_of(part, url) else ""
