"""The folders of a drop folder, and how a file goes from one to the next: by renaming only, over nothing.

DIR/result.hl7 ──claim──▶ DIR/.work/9f3c…/result.hl7 ──stored, committed──▶ DIR/archive/2026-03-01/result.hl7
                                                     ──refused────────────▶ DIR/error/result.hl7, …result.hl7.reason.txt
"""

import errno
import fcntl
import itertools
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO

WORK, ARCHIVE, ERROR = ".work", "archive", "error"
REASON = ".reason.txt"
# Bytes that a file system takes as a name.
LONGEST = 255
UNFINISHED = (".tmp", ".part", ".partial", ".crdownload", ".filepart", "~")


@dataclass(frozen=True)
class Look:
    """What a file looked like: it has stopped growing when it looks the same some time later."""

    size: int
    modified: int


@dataclass(frozen=True)
class Claimed:
    """A file that is nobody else's as long as its lock is held. `name` as it is on the disk."""

    path: Path
    name: str

    @property
    def legible_name(self) -> str:
        """For the database and for people: whoever named it may have written in another character set than ours."""
        return os.fsencode(self.name).decode("utf-8", "replace")


def is_dropped(path: Path) -> bool:
    name = path.name
    return not (name.startswith(".") or name.lower().endswith(UNFINISHED)) and path.is_file() and not path.is_symlink()


def look_at(path: Path) -> Look | None:
    """None when it is gone."""
    try:
        found = path.stat()
    except OSError:
        return None
    return Look(found.st_size, max(found.st_mtime_ns, found.st_ctime_ns))


def dropped(folder: Path) -> list[Path]:
    """Files that may be taken, the oldest first: a correction must not overtake what it corrects."""
    found = [(look, path) for path in folder.iterdir() if is_dropped(path) and (look := look_at(path))]
    return [path for _look, path in sorted(found, key=lambda pair: (pair[0].modified, pair[1].name))]


@contextmanager
def claimed(path: Path, folder: Path) -> Iterator[Claimed | None]:
    """None when another process was faster. Not put away, it stays, unlocked, where `abandoned` finds it."""
    place = folder / WORK / secrets.token_hex(8)
    place.mkdir(parents=True)
    target = place / path.name
    try:
        path.rename(target)
    except OSError:
        _forget(place)
        yield None
        return
    with _locked(target) as is_ours:
        yield Claimed(target, path.name) if is_ours else None
    _forget(place)


def abandoned(folder: Path) -> list[Path]:
    """Files that were claimed and not finished, by processes that are gone or still at it."""
    return sorted(path for path in (folder / WORK).glob("*/*") if path.is_file())


@contextmanager
def taken_over(path: Path) -> Iterator[Claimed | None]:
    with _locked(path) as is_ours:
        yield Claimed(path, path.name) if is_ours else None
    _forget(path.parent)


@contextmanager
def _locked(path: Path) -> Iterator[bool]:
    """False when somebody else holds it, or has finished it meanwhile."""
    try:
        file = _opened(path)
    except OSError:
        yield False
        return
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        try:
            is_there = path.stat().st_ino == os.fstat(file.fileno()).st_ino
        except OSError:
            is_there = False
        yield is_there


def _opened(path: Path) -> BinaryIO:
    """For writing where that is allowed: a file server gives no lock otherwise."""
    try:
        return path.open("r+b")
    except PermissionError:
        return path.open("rb")


def prepare(folder: Path, on: date) -> None:
    """OSError where files could be taken, but not be put away: each pass would store them once more."""
    for place in (folder, folder / WORK, folder / ARCHIVE / on.isoformat(), folder / ERROR):
        place.mkdir(parents=True, exist_ok=True)
        if not os.access(place, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(place))


def archive(claim: Claimed, folder: Path, on: date) -> Path:
    place = folder / ARCHIVE / on.isoformat()
    place.mkdir(parents=True, exist_ok=True)
    target = _reserved(place, claim.name)
    claim.path.rename(target)
    return target


def refuse(claim: Claimed, folder: Path, reason: str) -> Path:
    """The reason first: a file in the error folder always has one beside it."""
    target = _reserved(folder / ERROR, claim.name, beside=REASON)
    target.with_name(f"{target.name}{REASON}").write_text(f"{reason}\n", encoding="utf-8")
    claim.path.rename(target)
    return target


def _reserved(place: Path, name: str, *, beside: str = "") -> Path:
    """A name that nobody had, nor it with the ending `beside`, held by empty files that are then replaced or written:
    nothing is ever written over."""
    for number in itertools.count(1):
        target = place / _numbered(name, number, LONGEST - len(beside))
        if not _is_new(target):
            continue
        if not beside or _is_new(target.with_name(f"{target.name}{beside}")):
            return target
        target.unlink()
    raise AssertionError


def _numbered(name: str, number: int, longest: int) -> str:
    """In so many bytes: what is too long is cut before its ending."""
    stem, dot, ending = name.partition(".")
    tail = ("" if number == 1 else f" ({number})") + dot + ending
    if len(os.fsencode(tail)) > longest // 2:
        stem, tail = name, tail.removesuffix(dot + ending)
    while len(os.fsencode(stem + tail)) > longest:
        stem = stem[:-1]
    return stem + tail


def _is_new(path: Path) -> bool:
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return False
    return True


def _forget(place: Path) -> None:
    """Its folder, once it is empty."""
    try:
        place.rmdir()
    except OSError:
        return
