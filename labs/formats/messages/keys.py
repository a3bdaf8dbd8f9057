"""Equal for the same message and for the same result, however often they are sent."""

import hashlib
from collections.abc import Iterable

from labs.formats.messages.received import Observation, Received, Standard

SEPARATOR = "\x1f"


def digest(parts: Iterable[str]) -> str:
    # Every part with its length: no text that is sent can pretend to be two parts.
    return hashlib.sha256(SEPARATOR.join(f"{len(part)}:{part}" for part in parts).encode()).hexdigest()


def result_key(observation: Observation, received: Received) -> str:
    """Sender, patient as sent, order, test, group of rows, time. An analyser without order numbers has the specimen.

    The patient belongs to it: there are senders whose order number is the day, the same for everybody.
    """
    patient = received.patients[observation.patient] if observation.patient < len(received.patients) else None
    ids = [f"{number}^{authority}" for number, authority in patient.ids] if patient else []
    order = observation.filler or observation.placer
    codes = [coding.code for coding in observation.codings]
    # The components of an ASTM test are one name; of an HL7 test the second coding is a translation.
    code = "^".join(codes if received.standard is Standard.ASTM else codes[:1])
    place = [order, observation.order.code] if order else ["", observation.specimen_id]
    at = observation.observed_at.isoformat() if observation.observed_at else ""
    return digest(
        [
            received.sender.upper(),
            SEPARATOR.join(ids),
            patient.second_id if patient else "",
            *place,
            code,
            observation.sub_id,
            str(observation.repeat),
            at,
        ]
    )
