"""A file of messages in counts and rows, ready for JSON: what would be stored and why not."""

from collections import Counter
from collections.abc import Sequence as Rows
from datetime import UTC, datetime
from typing import Any

from labs.formats.hl7.acknowledging import Answers, answers_to
from labs.formats.messages.judged import Outcome
from labs.formats.messages.received import PatientSent, Received, Standard, Verdict
from labs.formats.messages.senders import identified_by, settings_of
from labs.formats.messages.sent_file import SentFile
from labs.formats.messages.sequence import Row, Sequence
from labs.formats.messages.site import Site
from labs.formats.reading import Reading

# Rows that only their number is told of.
COUNTED = frozenset({"unmapped_code", "not_a_result"})
SHOWN = 40
WARNINGS = {
    "batch_count_mismatch": "The number of messages is not that of the batch trailer.",
    "batch_nested": "A batch begins inside another one.",
}
ERRORS = {
    "no_message": "There is no MSH segment.",
    "not_astm": "No line begins with H.",
    "charset": "The bytes are not UTF-8.",
}


def describe(sent: SentFile, site: Site, *, with_identifiers: bool = False) -> Reading:
    """As if every patient were known. Identifiers of patients only where they are asked for."""
    sequence = Sequence(site)
    messages, why_not = [], []
    warnings = [WARNINGS[warning] for warning in sent.warnings]
    placed = 0
    for number, received in enumerate(sent.messages, start=1):
        rows = sequence.take(received)
        placed += sum(row.judged.outcome is Outcome.PLACED for row in rows)
        messages.append(_message(received, rows, site, with_identifiers=with_identifiers))
        why_not += _why_not(number, received, rows)
        warnings += [
            f"Message {number}, row {row.judged.observation.row}: another value of the same result stands above it."
            for row in rows
            if row.judged.is_conflict
        ]
    summary = {
        "messages": messages,
        "batch": list(sent.batch),
        "batch_warnings": list(sent.warnings),
        "frames": sent.frames,
        "checksums_ok": sent.checksums_ok,
        "file_error": sent.error,
    }
    if sent.error:
        why_not.append(ERRORS[sent.error])
    return Reading(
        summary=summary,
        document=sent,
        would_store={"results": placed} if placed else None,
        why_not=tuple(why_not),
        warnings=tuple(warnings),
    )


def _why_not(number: int, received: Received, rows: Rows[Row]) -> list[str]:
    if received.verdict is not Verdict.AA:
        name = str(received.verdict) or "not answered"
        return [f"Message {number}: {name}, {received.reason}. {received.text}".strip()]
    counts = Counter((row.judged.outcome, row.judged.reason) for row in rows if row.judged.reason)
    return [f"Message {number}: {count} {outcome}, {reason}." for (outcome, reason), count in sorted(counts.items())]


def _message(received: Received, rows: Rows[Row], site: Site, *, with_identifiers: bool) -> dict[str, Any]:
    settings = settings_of(site, received.sender, received.standard)
    identified = [identified_by(patient, settings) for patient in received.patients] or ["none"]
    answers = answers_to(received, number="0", at=datetime.now(UTC))
    found: dict[str, Any] = {
        "ack": str(received.verdict) or None,
        "reason": received.reason,
        "text": received.text,
        "sender": received.sender,
        "control_id": received.control_id,
        "type": received.type,
        "type_used": received.type_used,
        "version": received.version,
        "processing_id": received.processing_id,
        "encoding": received.encoding or None,
        "patients": [_patient(patient, with_identifiers) for patient in received.patients],
        "identification": identified[0],
        "segments": received.counts,
        "observations": len(received.observations),
        "outcomes": _outcomes(rows),
        "results": [_row(row, len(received.patients)) for row in rows if _is_told(row)],
    }
    if with_identifiers:
        found["specimens"] = list(received.specimens)
    return found | (_answering(answers, received) if received.standard is Standard.HL7 else {})


def _answering(answers: Answers, received: Received) -> dict[str, Any]:
    if received.verdict is Verdict.NONE:
        return {}
    if answers.mode == "original":
        return {"mode": answers.mode}
    return {
        "mode": answers.mode,
        "commit_ack": answers.commit.code or None,
        "application_ack_sent": answers.application.message is not None,
    }


def _patient(patient: PatientSent, with_identifiers: bool) -> dict[str, Any]:
    if not with_identifiers:
        return {"identifiers": len(patient.ids)}
    return {
        "pid3": [list(one) for one in patient.ids],
        "pid2": patient.second_id,
        "numbered": list(patient.numbered_ids),
    }


def _outcomes(rows: Rows[Row]) -> dict[str, int]:
    return dict(Counter(":".join(filter(None, (row.judged.outcome, row.judged.reason))) for row in rows))


def _is_told(row: Row) -> bool:
    """Every row of an analyte, and what is stopped for a reason that somebody should look at."""
    judged = row.judged
    return judged.reason not in COUNTED and bool(judged.analyte or judged.reason != "duplicate_message")


def _row(row: Row, patients: int) -> dict[str, Any]:
    judged, observation = row.judged, row.judged.observation
    found: dict[str, Any] = {
        "row": observation.row,
        "analyte": judged.analyte or None,
        "code": judged.code,
        "raw": observation.raw[:SHOWN],
        "unit": observation.unit,
        "status": observation.status,
        "outcome": str(judged.outcome),
    }
    optional = {
        "patient": observation.patient if patients > 1 else None,
        "reason": judged.reason,
        "value": judged.coded or judged.value,
        "comparator": judged.comparator,
        "for_analysis": None if judged.for_analysis else False,
        "revision": row.is_revision or None,
    }
    found |= {name: value for name, value in optional.items() if value not in (None, "")}
    if "value" in found:
        found["canonical_unit"] = judged.unit or None
    return found
