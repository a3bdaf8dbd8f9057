"""What messages leave in the database: a world of one hospital, in which each file starts empty and leaves nothing."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import transaction

from labs.formats.messages.received import Received
from labs.formats.messages.sent_file import SentFile
from labs.inbox.mapping.importing import documents_import
from labs.inbox.mapping.models import Authority
from labs.inbox.mapping.services import authority_set
from labs.inbox.models import MessageRow, Port, Transport
from labs.inbox.receiving_files import FileReceipt, receive_file
from labs.inbox.services import receive
from labs.models import BloodResult, DrawNumber, ResultKey, Specimen
from registry.log.actors import Actor
from registry.models import Patient, PatientIdentity, Site
from registry.patients.services import identity_save, patient_create

BY = Actor.system("tests", "test")
NO_AUTHORITY = ""
LONGEST = 60


@contextmanager
def world(root: Path) -> Iterator[Site]:
    """The site of PROFILE.json with the codes of MAPPINGS.json, in a transaction that is undone at the end."""
    named = json.loads((root / "EXPECTED.json").read_text("utf-8"))
    files = [root / named["profile"], *(root / name for name in named["mappings"])]
    with undone():
        site = Site.objects.create(code="interop", name="Receiving hospital")
        documents_import(documents=[json.loads(file.read_text("utf-8")) for file in files], by=BY)
        authority_set(name=NO_AUTHORITY, site=site, by=BY)
        yield site


@contextmanager
def undone() -> Iterator[None]:
    """A transaction like that of a TestCase: what asks to be outermost may be inside it."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]  # as TestCase itself marks its own
    with block:
        yield
        transaction.set_rollback(True)


def patients_of(entry: dict[str, Any]) -> list[tuple[str, str]]:
    """(number, authority) that identifies each patient of a file: the first in PID-3, in P, or PID-2."""
    found: dict[tuple[str, str], None] = {}
    for patient in (patient for message in entry["messages"] for patient in message.get("patients", [])):
        numbers = [tuple(pair) for pair in patient.get("pid3", []) if pair[0]]
        numbers += [(patient[name], "") for name in ("practice_id", "lab_id", "id3") if patient.get(name)]
        if not numbers and patient.get("pid2"):
            numbers = [(patient["pid2"], "")]
        # No hospital has a record number that long: nobody is registered under it.
        if numbers and len(numbers[0][0]) <= LONGEST:
            found[numbers[0]] = None
    return list(found)


def register(site: Site, numbers: list[tuple[str, str]]) -> None:
    """One patient for each number, without birth date and sex."""
    for place, (number, authority) in enumerate(numbers, start=1):
        patient = patient_create(study_number=f"INT-{place:04}", site=_at(authority, site), by=BY)
        identity_save(patient=patient, values={"record_number": number}, by=BY)


def _at(authority: str, site: Site) -> Site:
    """Numbers of two authorities may be alike: each authority that is named is another hospital here."""
    if authority == NO_AUTHORITY:
        return site
    known = Authority.objects.filter(name=authority).select_related("site").first()
    if known is not None:
        return known.site
    made = Site.objects.create(code=f"at-{Authority.objects.count()}", name=authority)
    return authority_set(name=authority, site=made, by=BY).site


def send(path: Path, port: str) -> FileReceipt:
    source = Transport.BRIDGE if path.parent.name == "astm" else Transport.FILE
    return receive_file(name=path.name, data=path.read_bytes(), source=source, port=port, by=BY)


def send_messages(sent: SentFile, order: list[int], port: str) -> None:
    for place in order:
        read_as: Received = sent.messages[place]
        receive(data=sent.raw[place], source=Transport.FILE, port=port, read_as=read_as, by=BY)


def port_of(entry: dict[str, Any]) -> str:
    ports = {message.get("port") or Port.PRODUCTION for message in entry["messages"]} or {Port.PRODUCTION}
    assert len(ports) == 1, "a file is dropped on one port"
    return str(ports.pop())


def stored() -> dict[str, int]:
    models = (MessageRow, ResultKey, BloodResult, Specimen, DrawNumber, Patient, PatientIdentity)
    return {model.__name__: model._default_manager.count() for model in models}


def values_now() -> list[tuple[Any, ...]]:
    """What an analysis and a page see, whatever the names of the draws."""
    rows = BloodResult.objects.current().select_related("specimen", "analyte")
    return sorted(
        (
            row.specimen.patient_id,
            str(row.specimen.collected),
            row.analyte.code,
            str(row.value),
            row.comparator,
            row.coded,
            row.status,
        )
        for row in rows
    )
