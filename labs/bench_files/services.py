"""Files in: kept once by their hash; what was uploaded and never stored is forgotten a day later, by beat."""

import hashlib
from datetime import timedelta

from django.utils import timezone

from labs.bench_files.models import BenchFile, BenchUpload, FileKind
from registry.log.actors import Actor
from registry.log.facts import create
from registry.people.models import User

KEPT = timedelta(days=1)


def sha256_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def file_keep(
    *, name: str, kind: FileKind, content: bytes, media_type: str = "application/octet-stream", by: Actor
) -> BenchFile:
    """The stored file of these bytes; the same bytes again are the same file, whatever their name."""
    sha256 = sha256_of(content)
    known = BenchFile.objects.filter(sha256=sha256).first()
    if known is not None:
        return known
    file = BenchFile(
        name=name[-255:],
        kind=kind,
        sha256=sha256,
        size=len(content),
        media_type=media_type,
        content=content,
        stored_by=by.name,
    )
    return create(file, by=by)


def upload_keep(*, name: str, kind: FileKind, content: bytes, user: User) -> BenchUpload:
    uploads_purge()
    return BenchUpload.objects.create(
        uploaded_by=user, name=name[-255:], kind=kind, content=content, sha256=sha256_of(content)
    )


def upload_wait(*, name: str, kind: FileKind, content: bytes) -> tuple[BenchUpload, bool]:
    """A file that no person brought waits for one; the same bytes wait once. Whether it is new is told."""
    defaults = {"name": name[-255:], "content": content}
    return BenchUpload.objects.get_or_create(uploaded_by=None, kind=kind, sha256=sha256_of(content), defaults=defaults)


def upload_forget(*, upload: BenchUpload) -> None:
    upload.delete()


def uploads_purge() -> int:
    """Forgets what was left behind a day ago; how many files."""
    left = BenchUpload.objects.filter(uploaded_by__isnull=False, uploaded_at__lt=timezone.now() - KEPT)
    gone, _by_model = left.delete()
    return gone
