"""Settings come from the environment; a value that makes no sense stops the start with one sentence."""

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off", ""}


def text(name: str, default: str = "") -> str:
    """NAME, or the content of the file that NAME_FILE points to (how containers hand over secrets)."""
    path = os.environ.get(f"{name}_FILE")
    if not path:
        return os.environ.get(name, default)
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{name}_FILE names {path!r}, which cannot be read: {error.strerror}.") from error


def flag(name: str, *, default: bool) -> bool:
    value = text(name, "1" if default else "0").strip().lower()
    if value in _TRUE:
        return True
    if value in _FALSE:
        return False
    raise ImproperlyConfigured(f"{name} must be one of 1, 0, true, false, yes, no, on, off; it is {value!r}.")


def whole_number(name: str, default: int, *, at_least: int = 0) -> int:
    value = text(name, str(default))
    try:
        number = int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number; it is {value!r}.") from None
    if number < at_least:
        raise ImproperlyConfigured(f"{name} must be at least {at_least}; it is {number}.")
    return number


def names(name: str, default: str) -> list[str]:
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def database(name: str, default: str) -> dict[str, Any]:
    url = text(name, default)
    scheme = urlsplit(url).scheme
    if scheme not in {"sqlite", "postgres", "postgresql"}:
        raise ImproperlyConfigured(f"{name} must begin with sqlite:// or postgresql://; it begins with {scheme!r}.")
    return dict(environ.Env.db_url_config(url))


def broker(name: str, default: str) -> str:
    url = text(name, default)
    if urlsplit(url).scheme not in {"redis", "rediss", "redis+socket"}:
        raise ImproperlyConfigured(f"{name} must begin with redis://, rediss:// or redis+socket://; it is {url!r}.")
    return url


def email(name: str, default: str) -> dict[str, Any]:
    try:
        return dict(environ.Env.email_url_config(text(name, default)))
    except (KeyError, ValueError, ImproperlyConfigured) as error:
        raise ImproperlyConfigured(f"{name} is no e-mail URL such as smtp://user:password@host:25: {error}.") from error


def secret_key(name: str, folder: Path) -> str:
    """The key given, or one made once for this installation: an example key in a file would end up in production."""
    given = text(name)
    if given:
        return given
    path = folder / "secret_key"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{name} is not set and none can be kept in {folder}: {error.strerror}.") from error
    key = secrets.token_urlsafe(50)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key)
    return key


def slide_server(name: str) -> str:
    """The address of a slide on another server, with {code} for its blind code; nothing else of ours goes there."""
    url = text(name).strip()
    if not url:
        return ""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or url.count("{code}") != 1 or parts.username:
        raise ImproperlyConfigured(f"{name} must be an http(s) address with {{code}} in it, once; it is {url!r}.")
    if "{code}" in parts.netloc or not parts.path.endswith((".dzi", "/info.json")):
        raise ImproperlyConfigured(f"{name} must lead to a .dzi file or a IIIF info.json; it is {url!r}.")
    return url


def folder(name: str) -> Path | None:
    """A folder that is somebody else's to make: None where nothing is set."""
    path = text(name).strip()
    return Path(path).resolve() if path else None


def address(name: str) -> str:
    """Of a server that passwords are sent to: they are never in the address itself, where pages and logs show it."""
    url = text(name).strip().rstrip("/")
    if not url:
        return ""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ImproperlyConfigured(f"{name} must be an http(s) address without a query; it is {url!r}.")
    if parts.username or parts.password:
        raise ImproperlyConfigured(f"{name} must not hold a user or a password: they have settings of their own.")
    return url


def one_of(name: str, *values: str) -> str:
    """The first where nothing is set."""
    value = text(name, values[0]).strip().lower()
    if value not in values:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(values)}; it is {value!r}.")
    return value


def pairs(name: str) -> dict[str, str]:
    """NAME=CODE, separated by commas."""
    found = [part.partition("=") for part in names(name, "")]
    if not all(key.strip() and value.strip() for key, _sign, value in found):
        raise ImproperlyConfigured(f"{name} must be pairs such as PNI=HEP-PNI, separated by commas.")
    return {key.strip(): value.strip() for key, _sign, value in found}


def origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
