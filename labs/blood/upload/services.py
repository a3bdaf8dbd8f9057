"""Writes of uploads: keeping a file until it is looked at, and storing what was looked at in one transaction."""

import hashlib
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from labs.blood.upload.models import PanelUpload
from labs.blood.upload.planning import Item, Plan, State
from labs.blood.upload.sheet import Options
from labs.revisions import record_many, supersede
from labs.specimens.models import Specimen
from labs.specimens.services import specimen_create
from registry.log.actors import Actor
from registry.log.recording import recording
from registry.people.models import User

KEPT = timedelta(days=1)


@dataclass(frozen=True)
class Stored:
    new: int
    changed: int
    draws: int

    @property
    def total(self) -> int:
        return self.new + self.changed


def upload_keep(*, content: bytes, options: Options, user: User) -> PanelUpload:
    """Keeps the bytes until they are stored; those that were left behind lose theirs after a day."""
    uploads_purge()
    return PanelUpload.objects.create(
        uploaded_by=user, content=content, sha256=hashlib.sha256(content).hexdigest(), options=asdict(options)
    )


def uploads_purge() -> int:
    """Takes their bytes from uploads that were left behind a day ago; how many."""
    left = PanelUpload.objects.filter(stored_at=None, uploaded_at__lt=timezone.now() - KEPT)
    return left.exclude(content=b"").update(content=b"")


def upload_set_columns(*, upload: PanelUpload, columns: dict[str, Any]) -> None:
    upload.columns = columns
    upload.save(update_fields=["columns"])


def upload_store(*, upload: PanelUpload, plan: Plan, valid_rows_only: bool, reason: str, by: Actor) -> Stored:
    """All rows, or nothing; with `valid_rows_only` the rows without any refusal and open question.

    Raises
    ------
    ValidationError
        When something is refused or not confirmed and not only the valid rows were asked for; when a stored value
        changes and there is no reason; when somebody else stored the same in between.
    """
    bad = len(plan.errors) + len(plan.of(State.ASKS))
    if bad and not valid_rows_only:
        rule = _(
            "Nothing was stored: %(n)s entries are refused or not confirmed. Mend the file or take the valid rows."
        )
        raise ValidationError(rule % {"n": bad})
    items = plan.storable(plan.valid_lines)
    changed = [item for item in items if item.state == State.CHANGED]
    if changed and not reason.strip():
        raise ValidationError({"reason": _("Say why the stored values are corrected.")})
    with recording(by, f"upload {upload.sha256[:12]}"):
        draws = _register_draws(items, by)
        record_many([item.result for item in items if item.state == State.NEW], by=by)
        for item in changed:
            assert item.known is not None  # noqa: S101  # that is what makes it a change
            supersede(item.known, item.result, by=by, reason=reason.strip())
        upload.content, upload.stored_at = b"", timezone.now()
        upload.save(update_fields=["content", "stored_at"])
    return Stored(len(items) - len(changed), len(changed), draws)


def table_store(
    *, content: bytes, options: Options, plan: Plan, valid_rows_only: bool, reason: str, user: User, by: Actor
) -> Stored:
    """A file that comes with its decisions, from a program: kept and stored in one step, or neither."""
    with recording(by, reason):
        upload = upload_keep(content=content, options=options, user=user)
        return upload_store(upload=upload, plan=plan, valid_rows_only=valid_rows_only, reason=reason, by=by)


def _register_draws(items: list[Item], by: Actor) -> int:
    """Registers the draws that are not there yet, and hangs their results on them."""
    made: dict[str, Specimen] = {}
    for item in items:
        draw = item.draw
        if not draw._state.adding:
            continue
        if draw.code not in made:
            made[draw.code] = specimen_create(
                patient=draw.patient, code=draw.code, kind=draw.kind, collected=draw.collected, by=by
            )
        item.result.specimen = made[draw.code]
    return len(made)
