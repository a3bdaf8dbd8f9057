"""How a run's result, or a snapshot, is cited: as a sentence, as BibTeX and as RIS."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from analysis import VERSION
from analysis.engine.models import Result, Run
from analysis.snapshots.models import Snapshot

_SHOWN_OF_HASH = 16


@dataclass(frozen=True)
class Citation:
    version: str
    # what a manuscript cites it by: letters, digits and dashes
    key: str
    title: str
    identifier: str
    data_hash: str
    snapshot: str
    done: str
    at: datetime
    url: str
    is_simulated: bool

    def __str__(self) -> str:
        """Hepatica 0.1.0. Resection, PFS by FAP, run 123, data sha256 ab12…, snapshot NAME, computed 2026-11-27."""
        parts = [self.title, self.identifier, f"data sha256 {self.data_hash[:_SHOWN_OF_HASH]}…"]
        parts += [f"snapshot {self.snapshot}"] if self.snapshot else []
        simulated = " Simulated data." if self.is_simulated else ""
        return f"Hepatica {self.version}. {', '.join(parts)}, {self.done} {self.at:%Y-%m-%d}.{simulated}"

    @property
    def _note(self) -> str:
        simulated = "; simulated data" if self.is_simulated else ""
        snapshot = f"; snapshot {self.snapshot}" if self.snapshot else ""
        return f"{self.identifier}; data sha256 {self.data_hash}{snapshot}{simulated}"

    def bibtex(self) -> str:
        lines = {
            "title": f"{{{_plain(self.title)}}}",
            "author": "{{Hepatica}}",
            "version": f"{{{self.version}}}",
            "year": f"{{{self.at:%Y}}}",
            "date": f"{{{self.at:%Y-%m-%d}}}",
            "url": f"{{{self.url}}}",
            "note": f"{{{_plain(self._note)}}}",
        }
        body = ",\n".join(f"  {name} = {value}" for name, value in lines.items())
        return f"@misc{{{self.key},\n{body}\n}}\n"

    def ris(self) -> str:
        lines = [
            ("TY", "DATA"),
            ("TI", " ".join(self.title.split())),
            ("AU", "Hepatica"),
            ("ET", self.version),
            ("PY", f"{self.at:%Y}"),
            ("DA", f"{self.at:%Y/%m/%d}"),
            ("UR", self.url),
            ("N1", self._note),
            ("ER", ""),
        ]
        return "".join(f"{tag}  - {value}\r\n" for tag, value in lines)


def citation_of_run(run: Run, result: Result, snapshot: Snapshot | None = None) -> Citation:
    software = result.provenance_values.get("software", {})
    return Citation(
        version=str(software.get("hepatica", VERSION)),
        key=f"hepatica-run-{run.pk}",
        title=f"{run.analysis.cohort.name}, {run.analysis.full_title}",
        identifier=f"run {run.pk}",
        data_hash=result.frame_id,
        snapshot=snapshot.name if snapshot else "",
        done=_("computed"),
        at=result.created_at,
        url=settings.SITE_URL + reverse("analysis:run", args=[run.pk]),
        is_simulated=run.analysis.cohort.is_simulated,
    )


def citation_of_snapshot(snapshot: Snapshot) -> Citation:
    return Citation(
        version=str(snapshot.software.get("hepatica", VERSION)),
        key=f"hepatica-snapshot-{snapshot.pk}",
        title=snapshot.cohort.name,
        identifier=f"snapshot {snapshot.name}",
        data_hash=snapshot.table_id,
        snapshot="",
        done=_("taken"),
        at=snapshot.taken_at,
        url=settings.SITE_URL + reverse("analysis:snapshot", args=[snapshot.pk]),
        is_simulated=snapshot.cohort.is_simulated,
    )


def _plain(text: str) -> str:
    """Of BibTeX's own signs, those that occur in titles."""
    text = " ".join(text.split())
    for sign in ("\\", "{", "}"):
        text = text.replace(sign, "")
    for sign in ("&", "%", "$", "#", "_"):
        text = text.replace(sign, f"\\{sign}")
    return text
