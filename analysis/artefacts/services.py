"""Artefacts and steps are written once, under the hash of what they are or of what was asked."""

from analysis.artefacts.models import Artefact, KeptStep
from analysis.canonical import sha256


def artefact_keep(content: bytes) -> str:
    """Gives the hash; the same bytes again are the same artefact."""
    fingerprint = sha256(content)
    if not Artefact.objects.filter(pk=fingerprint).exists():
        Artefact.objects.get_or_create(fingerprint=fingerprint, defaults={"packed": Artefact.pack(content)})
    return fingerprint


def step_keep(fingerprint: str, content: bytes) -> None:
    """Whoever computed the same at the same time has kept the same."""
    KeptStep.objects.get_or_create(fingerprint=fingerprint, defaults={"packed": KeptStep.pack(content)})
