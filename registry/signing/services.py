"""A signature needs a proof that the signer typed the password just now; only `prove` makes one."""

import hashlib
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from registry.cohorts.models import Cohort
from registry.log.actors import Actor
from registry.log.facts import create, retire
from registry.log.recording import canonical
from registry.people.access import acting_user
from registry.signing.models import Signature

_SEAL = object()


@dataclass(frozen=True)
class Proof:
    signer: Actor
    made_by: object

    def __post_init__(self) -> None:
        if self.made_by is not _SEAL:
            raise TypeError("A proof comes from prove() only.")


def prove(request: HttpRequest, password: str) -> Proof:
    """Asks for the password again through the sign-in's own back ends, so that wrong ones count towards the lockout."""
    user = acting_user(request)
    found = authenticate(request, username=user.username, password=password)
    if found is None or found.pk != user.pk:
        raise ValidationError({"password": _("This is not your password: nothing was signed.")})
    return Proof(Actor.of(user), _SEAL)


def digest_of(content: Any) -> str:
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def sign(
    *, proof: Proof, meaning: str, subject_type: str, subject_code: str, content: Any, cohort: Cohort | None
) -> Signature:
    signature = Signature(
        signer_id=proof.signer.id,
        signer=proof.signer.name,
        meaning=meaning,
        subject_type=subject_type,
        subject_code=subject_code,
        digest=digest_of(content),
        cohort=cohort,
    )
    return create(signature, by=proof.signer)


def void(*, signature: Signature, by: Actor, reason: str) -> Signature:
    return retire(signature, expected_version=signature.version, by=by, reason=reason)


def signatures_of(subject_type: str, subject_code: str) -> QuerySet[Signature]:
    return Signature.objects.filter(subject_type=subject_type, subject_code=subject_code)
