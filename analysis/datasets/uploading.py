"""Files that came by a browser or a program, laid beside their configuration as a command would find them."""

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from analysis.datasets.selectors import current_datasets
from analysis.datasets.services import Added, dataset_add, datasets_add, not_stored
from analysis.discovery.configuration import read_blocks
from analysis.discovery.errors import DiscoveryError
from analysis.discovery.names import named
from analysis.discovery.sources import FORMS, KINDS, Source, is_of_cohort, source
from registry.cohorts.models import Cohort
from registry.log.actors import Actor

_MEGABYTE = 1_000_000
# What a file system takes, in bytes.
_LONGEST_NAME = 255


@contextmanager
def laid_out(uploads: Iterable["UploadedFile[bytes]"]) -> Iterator[Path]:
    """A folder with the files under their own names. ValidationError for two of one name, or for too much."""
    found = list(uploads)
    if sum(upload.size or 0 for upload in found) > settings.DATASET_MEGABYTES * _MEGABYTE:
        raise _refused(_("The files are larger than %(limit)s MB.") % {"limit": settings.DATASET_MEGABYTES})
    try:
        settings.DATASETS_ROOT.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Beside the stored ones: a container's own temporary folder is memory.
        temporary = tempfile.TemporaryDirectory(dir=settings.DATASETS_ROOT)
    except OSError as error:
        raise not_stored(error) from error
    with temporary as name:
        for upload in found:
            _lay(upload, Path(name))
        yield Path(name)


def _lay(upload: "UploadedFile[bytes]", folder: Path) -> None:
    path = folder / base_name(upload.name or "file")
    if len(path.name.encode()) > _LONGEST_NAME:
        raise _refused(_("The name of the file %(name)s… is too long.") % {"name": path.name[:40]})
    if path.exists():
        raise _refused(_("Two files are called %(name)s.") % {"name": path.name})
    try:
        with path.open("wb") as file:
            for chunk in upload.chunks():
                file.write(chunk)
    except OSError as error:
        raise not_stored(error) from error


def base_name(written: str) -> str:
    return PurePosixPath(written.replace("\\", "/")).name


def dataset_upload(
    *,
    cohort: Cohort | None,
    name: str,
    block: Mapping[str, Any],
    uploads: Iterable["UploadedFile[bytes]"],
    origin: str,
    by: Actor,
    reason: str = "",
) -> Added:
    """`block`: as in a configuration, naming the files as they are called."""
    with laid_out(uploads) as folder:
        return dataset_add(cohort=cohort, source=_source(name, block, folder), origin=origin, by=by, reason=reason)


def datasets_from(
    *, cohort: Cohort, text: str, uploads: Sequence["UploadedFile[bytes]"], origin: str, by: Actor, reason: str = ""
) -> list[Added]:
    """All data of a configuration, or nothing. What has no file among the uploads has to be there already."""
    blocks = data_blocks(text)
    known = current_datasets(cohort)
    sent = {base_name(upload.name or "file") for upload in uploads}
    lacking = [
        f"data.{name}: {wanted}"
        for name, block in blocks.items()
        for wanted in files_of(block)
        if wanted not in sent and name not in known
    ]
    if lacking:
        raise _refused(_("Not among the files: %(names)s.") % {"names": "; ".join(lacking)})
    whole = {name: block for name, block in blocks.items() if set(files_of(block)) <= sent}
    with laid_out(uploads) as folder:
        sources = [_source(name, block, folder) for name, block in whole.items()]
        # Also those that a sample sheet names, not only the configuration.
        used = {path.name for one in sources for paths in one.files.values() for path in paths}
        if unused := sorted(sent - used):
            raise _refused(_("The configuration names no %(names)s.") % {"names": ", ".join(unused)})
        return datasets_add(cohort=cohort, sources=sources, origin=origin, by=by, reason=reason)


def data_blocks(text: str) -> dict[str, Mapping[str, Any]]:
    """Those that are made of files, by name; ValidationError where they make no sense."""
    try:
        found = read_blocks(text, _("The configuration"))
    except DiscoveryError as error:
        raise ValidationError({"configuration": str(error)}) from error
    return {name: block for name, block in found.items() if not is_of_cohort(block.get("kind"))}


def files_of(block: Mapping[str, Any]) -> list[str]:
    """Base names of the files that a block of data names."""
    groups = block.get("groups")
    values = [block.get(key) for key in _file_keys(block)] + [groups.get("file") if isinstance(groups, dict) else None]
    names = [one for value in values for one in (value if isinstance(value, list) else [value])]
    return [base_name(one) for one in names if isinstance(one, str)]


def _file_keys(block: Mapping[str, Any]) -> Iterable[str]:
    kind = str(block.get("kind"))
    return KINDS[kind].files if kind in KINDS else FORMS.get(str(block.get("form")), ())


def _source(name: str, block: Mapping[str, Any], folder: Path) -> Source:
    try:
        return source(named(name, "data"), _beside(block), folder)
    except DiscoveryError as error:
        raise _refused(str(error)) from error


def _beside(block: Mapping[str, Any]) -> dict[str, Any]:
    """The same with the files in the folder itself, wherever they lay for whoever wrote it."""
    found = dict(block)
    for key in _file_keys(block):
        value = found.get(key)
        if isinstance(value, list):
            found[key] = [base_name(one) if isinstance(one, str) else one for one in value]
        elif isinstance(value, str):
            found[key] = base_name(value)
    groups = found.get("groups")
    if isinstance(groups, dict) and isinstance(groups.get("file"), str):
        found["groups"] = {**groups, "file": base_name(groups["file"])}
    return found


def _refused(message: str) -> ValidationError:
    return ValidationError({"files": message})
