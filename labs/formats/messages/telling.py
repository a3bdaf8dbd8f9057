"""A file of messages in lines for people: how each would be answered, and what would become of each row."""

from collections.abc import Iterator
from datetime import UTC, datetime

from labs.formats.hl7.acknowledging import answers_to
from labs.formats.messages.judged import Outcome
from labs.formats.messages.received import Received, Standard
from labs.formats.messages.sent_file import SentFile
from labs.formats.messages.sequence import Row, Sequence
from labs.formats.messages.site import Site

SHOWN = 40


def tell(sent: SentFile, site: Site, *, with_identifiers: bool = False) -> Iterator[str]:
    """As if every patient were known and nothing stored. Identifiers of patients only where they are asked for."""
    sequence = Sequence(site)
    for number, received in enumerate(sent.messages, start=1):
        yield f"message {number}, {received.sender or 'no sender'}: {_answer(received)}"
        if with_identifiers:
            for patient in received.patients:
                numbers = [*("^^^".join(one) for one in patient.ids), *filter(None, [patient.second_id])]
                yield f"  patient {_legible(', '.join(numbers)) or 'without a number'}"
        yield from (f"  row {row.judged.observation.row}: {_fate(row)}" for row in sequence.take(received))


def _answer(received: Received) -> str:
    if received.standard is not Standard.HL7:
        return str(received.verdict)
    answers = answers_to(received, number="0", at=datetime.now(UTC))
    sent = [one.code for one in (answers.commit, answers.application) if one.message is not None]
    told = f"answered {' and '.join(sent)}" if sent else "not answered"
    return told if str(received.verdict) in sent else f"{told} ({received.verdict or 'nothing is stored'})"


def _fate(row: Row) -> str:
    judged, observation = row.judged, row.judged.observation
    code = judged.code or (observation.codings[0].code if observation.codings else "")
    sent = _legible(f"{code} {observation.raw[:SHOWN]} {observation.unit}")
    if judged.outcome is not Outcome.PLACED:
        return f"{sent} → {judged.outcome}, {judged.reason}"
    value = judged.coded or f"{judged.comparator}{judged.value:g}"
    marks = ["a revision"] * row.is_revision + ["not for analyses"] * (not judged.for_analysis)
    return " ".join([sent, "→", f"{judged.analyte} {value} {judged.unit}".strip(), *(f"({mark})" for mark in marks)])


def _legible(text: str) -> str:
    """In one line, and without what a terminal would obey."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
