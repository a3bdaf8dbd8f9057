"""The answer to a message: who asked for which, and what it says. Nothing of a patient is ever in it."""

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from labs.formats.hl7.header import Header
from labs.formats.messages.delimiters import STANDARD
from labs.formats.messages.received import Received, Verdict

COMMIT = {Verdict.AA: "CA", Verdict.AE: "CE", Verdict.AR: "CR"}
NO_HEADER = Header(STANDARD, (STANDARD.field, STANDARD.sent), encoding="ascii")
ANSWER = "ACK"
VERSION, PROCESSING_ID = "2.5", "P"
VERSION_NUMBER = re.compile(r"([0-9]{1,2})(?:\.([0-9]{1,2}))?")
LONGEST_TEXT = 80
# With one letter more for a commit acknowledgement it fits into the 20 characters of MSH-10 in old versions.
NUMBER_BYTES = 9

# Table 0357, of which every reason of ours has one; 207 is any other.
ERROR_CODES = {
    "charset": "102^Data type error",
    "malformed_msh": "100^Segment sequence error",
    "segment_broken": "100^Segment sequence error",
    "missing_obr": "100^Segment sequence error",
    "missing_obx": "100^Segment sequence error",
    "order_status": "103^Table value not found",
    "processing_id": "202^Unsupported processing id",
    "unsupported_type": "200^Unsupported message type",
    "unsupported_version": "203^Unsupported version id",
}
OTHER_ERROR = "207^Application internal error"


@dataclass(frozen=True)
class Answer:
    """`code` is what MSA-1 says; "" and None where the sender wants no such answer."""

    code: str = ""
    message: bytes | None = None


@dataclass(frozen=True)
class Answers:
    """In original mode `application` is the one answer. In enhanced mode `commit` goes out first."""

    mode: str
    application: Answer
    commit: Answer = Answer()


def answers_now(received: Received) -> Answers:
    return answers_to(received, number=secrets.token_hex(NUMBER_BYTES), at=datetime.now(UTC))


def answers_to(received: Received, *, number: str, at: datetime) -> Answers:
    """`number` is the control id of what we send. Of a message that nobody is to be answered there is none."""
    verdict = received.verdict
    header = received.header or NO_HEADER
    if verdict is Verdict.NONE or header.trigger.partition("^")[0] == ANSWER:
        # An answer is never answered: two systems would go on for ever.
        return Answers("original", Answer())
    if not header.is_enhanced:
        return Answers("original", _answer(received, str(verdict), number, at))
    commit = application = Answer()
    if _is_asked(header.commit_when, verdict):
        commit = _answer(received, COMMIT[verdict], f"{number}C", at)
    if _is_asked(header.answer_when, verdict):
        application = _answer(received, str(verdict), number, at)
    return Answers("enhanced", application, commit)


def _is_asked(when: str, verdict: Verdict) -> bool:
    is_good = verdict is Verdict.AA
    return when == "AL" or (when == "SU" and is_good) or (when == "ER" and not is_good)


def _answer(received: Received, code: str, number: str, at: datetime) -> Answer:
    header = received.header or NO_HEADER
    separator = header.delimiters.field
    component = header.delimiters.component
    trigger = header.trigger.partition("^")[2]
    kind = component.join((ANSWER, trigger, ANSWER)) if trigger else ANSWER
    version = header.field(12).strip() or VERSION
    msh = [
        f"MSH{separator}{header.delimiters.sent}",
        *(header.field(place) for place in (5, 6, 3, 4)),
        at.strftime("%Y%m%d%H%M%S%z"),
        "",
        kind,
        number,
        header.field(11).strip() or PROCESSING_ID,
        version,
        *[""] * 5,
        header.field(18),
    ]
    text = header.delimiters.escape_text(received.text[:LONGEST_TEXT])
    msa = ("MSA", code, header.field(10), text)
    segments = [separator.join(fields).rstrip(separator) for fields in (msh, msa)]
    if received.verdict is not Verdict.AA:
        segments.append(_error(received, header, version, text))
    whole = "".join(f"{segment}\r" for segment in segments)
    return Answer(code, whole.encode(header.encoding or "utf-8", errors="replace"))


def _error(received: Received, header: Header, version: str, text: str) -> str:
    separator, component = header.delimiters.field, header.delimiters.component
    found = ERROR_CODES.get(received.reason, OTHER_ERROR).replace("^", component)
    kind = f"{found}{component}HL70357"
    if _before_2_5(version):
        inner = header.delimiters.subcomponent or " "
        return separator.join(("ERR", component * 3 + kind.replace(component, inner)))
    return separator.join(("ERR", "", "", kind, "E", "", "", "", text))


def _before_2_5(version: str) -> bool:
    found = VERSION_NUMBER.match(version)
    return found is not None and (int(found.group(1)), int(found.group(2) or 0)) < (2, 5)
