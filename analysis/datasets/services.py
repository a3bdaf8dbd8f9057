"""Taking in data sets and references. They are looked at as a whole first; what is refused leaves nothing behind."""

import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from analysis.canonical import plain
from analysis.datasets.binary import write_expression
from analysis.datasets.models import Dataset
from analysis.datasets.selectors import newest
from analysis.discovery.errors import DiscoveryError
from analysis.discovery.loading import Expression
from analysis.discovery.looking import look_at
from analysis.discovery.sources import Source
from registry.cohorts.models import Cohort
from registry.log.actors import Actor
from registry.log.facts import create, retire
from registry.log.recording import recording

_LONGEST_NAME = 120
_LEFT = timedelta(days=1)


@dataclass(frozen=True)
class Added:
    """`is_new` is false where the same content under the same settings counted already: then nothing has changed."""

    dataset: Dataset
    is_new: bool


def dataset_add(*, cohort: Cohort | None, source: Source, origin: str, by: Actor, reason: str = "") -> Added:
    """The next version of the data set of that name; without a cohort of the reference."""
    known = newest(cohort, source.name)
    if known is not None and known.fingerprint == source.fingerprint:
        return Added(known, False)
    try:
        loaded, found = look_at(source)
    except DiscoveryError as error:
        raise ValidationError({"files": str(error)}) from error
    latest = Dataset.objects.filter(cohort=cohort, name=source.name).aggregate(Max("number"))["number__max"] or 0
    dataset = Dataset(
        cohort=cohort,
        name=source.name,
        number=latest + 1,
        kind=source.kind,
        settings=plain(dict(source.settings)),
        files=_described(source),
        fingerprint=source.fingerprint,
        found=[list(row) for row in found],
        source=origin,
        stored_by=by.name,
    )
    try:
        _copy(dataset, source, loaded)
        return Added(create(dataset, by=by, reason=reason), True)
    except BaseException:
        shutil.rmtree(dataset.place, ignore_errors=True)
        raise


def datasets_add(
    *, cohort: Cohort | None, sources: Iterable[Source], origin: str, by: Actor, reason: str = ""
) -> list[Added]:
    """All or nothing."""
    made: list[Added] = []
    try:
        with recording(by, reason):
            for source in sources:
                made.append(dataset_add(cohort=cohort, source=source, origin=origin, by=by, reason=reason))
    except BaseException:
        for added in made:
            if added.is_new:
                shutil.rmtree(added.dataset.place, ignore_errors=True)
        raise
    return made


def dataset_retire(*, dataset: Dataset, expected_version: int, by: Actor, reason: str) -> Dataset:
    """The version before counts again, where there is one. The files stay: results rest on them."""
    return retire(dataset, expected_version=expected_version, by=by, reason=reason)


def datasets_purge() -> None:
    """Deletes what somebody who died left half stored."""
    if not settings.DATASETS_ROOT.is_dir():
        return
    before = (timezone.now() - _LEFT).timestamp()
    left = [path for path in settings.DATASETS_ROOT.iterdir() if path.stat().st_mtime < before]
    known = set(Dataset.objects.filter(folder__in=[path.name for path in left]).values_list("folder", flat=True))
    for path in left:
        if path.name not in known:
            shutil.rmtree(path, ignore_errors=True)


def _described(source: Source) -> dict[str, list[dict[str, Any]]]:
    return {
        key: [{"name": _safe(path), "sha256": source.hashes[str(path)], "size": path.stat().st_size} for path in paths]
        for key, paths in source.files.items()
    }


def _safe(path: Path) -> str:
    """Its end says how it is read: what is too long is cut in front."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", path.name).lstrip(".")[-_LONGEST_NAME:] or "file"


def _copy(dataset: Dataset, source: Source, loaded: object) -> None:
    try:
        dataset.place.mkdir(parents=True, mode=0o700)
        for one, path in zip(dataset.listed_files(), _paths(source.files), strict=True):
            target = dataset.path(one["key"], one["place"])
            target.parent.mkdir()
            shutil.copyfile(path, target)
        if isinstance(loaded, Expression):
            write_expression(dataset.place, loaded)
    except OSError as error:
        raise not_stored(error) from error


def not_stored(error: OSError) -> ValidationError:
    """Without the place on this machine."""
    refused = _("The files could not be stored: %(why)s.") % {"why": error.strerror or type(error).__name__}
    return ValidationError({"files": refused})


def _paths(files: Mapping[str, tuple[Path, ...]]) -> list[Path]:
    return [path for paths in files.values() for path in paths]
