from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from analysis.remark.models import RemarkNote
from registry.cohorts.models import Cohort
from registry.log.actors import Actor
from registry.log.facts import StaleWrite, changes_since, create, retire, update
from registry.log.recording import recording


def remark_note_save(
    *, cohort: Cohort, item: int, text: str, expected_version: int, by: Actor, reason: str = ""
) -> RemarkNote | None:
    """Writes the note of an item; an empty text takes it back. `expected_version` 0: there was none."""
    with recording(by, reason):
        note = RemarkNote.objects.select_for_update().filter(cohort=cohort, item=item).first()
        if note is None:
            if not text.strip():
                raise ValidationError({"text": _("Write something.")})
            return create(RemarkNote(cohort=cohort, item=item, text=text.strip()), by=by, reason=reason)
        if note.version != expected_version:
            raise StaleWrite(changes_since(note, expected_version))
        if not text.strip():
            return retire(note, expected_version=expected_version, by=by, reason=reason or _("text taken back"))
        changes = {"text": text.strip(), "retired_reason": ""}
        return update(note, changes, expected_version=expected_version, by=by, reason=reason)
