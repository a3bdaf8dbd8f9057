"""A format and a connector from outside: the CSV of an ACME analyser, and the folder in which its server leaves files.

ACME RESULTS;2
tube;test;value;unit;measured
B-0001;WBC;5.2;G/l;2026-03-01T09:30:00+00:00
"""

import csv
import io
import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from labs.connectors.contract import Ask, Pulled, Undeliverable
from labs.formats.messages.delimiters import PLAIN
from labs.formats.messages.formats import MessageFormat
from labs.formats.messages.keys import digest
from labs.formats.messages.received import Coding, Observation, PatientSent, Received, Verdict
from labs.formats.messages.sent_file import SentFile
from labs.formats.messages.site import Site

FIRST_LINE = b"ACME RESULTS;2"
SENDER = "ACME|ANALYSER"


def sniff(name: str, data: bytes) -> bool:
    return data.startswith(FIRST_LINE)


def read(name: str, data: bytes, site: Site) -> SentFile:
    """One file is one message. What cannot be read is an answer of the message too: nothing is raised."""
    try:
        rows = list(csv.DictReader(io.StringIO(data.decode("utf-8").partition("\n")[2]), delimiter=";", strict=True))
        observations = tuple(_observation(number, row) for number, row in enumerate(rows, start=1))
    except (csv.Error, KeyError, TypeError, ValueError) as error:
        message = Received(Verdict.AE, reason="segment_broken", text=type(error).__name__, sender=SENDER)
        return SentFile("acme_csv", (message,), (data,))
    message = Received(
        Verdict.AA,
        sender=SENDER,
        encoding="utf-8",
        # Equal for the same file sent again.
        key=digest([SENDER, data.decode("utf-8")]),
        # One without numbers: the tube says whose it is.
        patients=(PatientSent(),),
        observations=observations,
    )
    return SentFile("acme_csv", (message,), (data,))


def _observation(number: int, row: Mapping[str, str]) -> Observation:
    measured = datetime.fromisoformat(row["measured"])
    return Observation(
        row=number,
        patient=0,
        codings=(Coding(row["test"]),),
        value_type="",
        raw=row["value"],
        unit=row["unit"],
        status="F",
        specimen_id=row["tube"],
        observed_at=measured if measured.tzinfo else measured.replace(tzinfo=UTC),
        delimiters=PLAIN,
    )


class AcmeServer:
    """Its results lie in the folder ACME_FOLDER, a file for each run; scores are left in its folder `scores`."""

    name = "acme"
    address = "acme"
    # Names of scores, with ACME's own code of each.
    scores: Mapping[str, str] = {"PNI": "A-77"}

    def pull(self, ask: Ask) -> Iterator[Pulled]:
        folder = os.environ.get("ACME_FOLDER")
        for path in sorted(Path(folder).glob("*.csv")) if folder else []:
            changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            if ask.since is None or changed >= ask.since:
                yield Pulled(path.name, path.read_bytes())

    def deliver(self, *, payload: dict[str, Any], key: str) -> None:
        folder = os.environ.get("ACME_FOLDER")
        if not folder:
            raise OSError("ACME_FOLDER is not set")
        if payload["score"] not in self.scores:
            raise Undeliverable(f"ACME does not know {payload['score']}.")
        place = Path(folder) / "scores"
        place.mkdir(exist_ok=True)
        # The same key is the same file: delivered twice, it is there once.
        line = f"{payload['specimen']};{self.scores[payload['score']]};{payload['text']}\n"
        (place / f"{key}.csv").write_text(line, encoding="utf-8")


FORMAT = MessageFormat("acme_csv", sniff, read)
CONNECTOR = AcmeServer()
