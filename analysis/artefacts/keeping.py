"""Artefacts by their hash, and steps of discovery kept with them, so that any worker goes on where another ended."""

import json
from dataclasses import dataclass, field
from typing import Any

from analysis.artefacts.models import Artefact, KeptStep
from analysis.artefacts.services import artefact_keep, step_keep
from analysis.canonical import canonical_json, plain
from analysis.discovery.keeping import kept_of, outcome_of, table_texts
from analysis.discovery.method import Outcome
from analysis.discovery.plan import Step


class ArtefactLost(LookupError):
    """The database holds less than its results name."""


def artefact(fingerprint: str) -> bytes:
    stored = Artefact.objects.filter(pk=fingerprint).first()
    if stored is None:
        raise ArtefactLost(f"The artefact {fingerprint} is not in the database.")
    return stored.content


@dataclass(frozen=True)
class StoredShelf:
    """Among all that was ever computed here."""

    def found(self, step: Step) -> dict[str, Any] | None:
        stored = KeptStep.objects.filter(pk=step.fingerprint).first()
        if stored is None:
            return None
        kept: dict[str, Any] = json.loads(stored.content)
        files = set(kept["files"].values())
        return kept if Artefact.objects.filter(pk__in=files).count() == len(files) else None

    def keep(self, step: Step, outcome: Outcome, seconds: float) -> None:
        kept = _kept(step, outcome, seconds)
        step_keep(step.fingerprint, canonical_json(kept).encode())

    def outcome(self, step: Step) -> Outcome:
        kept = self.found(step)
        if kept is None:
            raise ArtefactLost(f"The step {step.name} was kept, and is not there any more.")
        return outcome_of(kept, {extra: artefact(one) for extra, one in kept["files"].items()})


@dataclass(frozen=True)
class FreshShelf:
    """Only what is computed now: for whoever wants to know whether the same comes out again."""

    kept: dict[str, dict[str, Any]] = field(default_factory=dict)

    def found(self, step: Step) -> dict[str, Any] | None:
        return self.kept.get(step.fingerprint)

    def keep(self, step: Step, outcome: Outcome, seconds: float) -> None:
        self.kept[step.fingerprint] = json.loads(canonical_json(_kept(step, outcome, seconds)))

    def outcome(self, step: Step) -> Outcome:
        kept = self.kept[step.fingerprint]
        return outcome_of(kept, {extra: artefact(one) for extra, one in kept["files"].items()})


def _kept(step: Step, outcome: Outcome, seconds: float) -> dict[str, Any]:
    files = {extra: artefact_keep(text) for extra, text in table_texts(outcome).items()}
    return dict(plain({"files": files, **kept_of(step, outcome, seconds)}))
