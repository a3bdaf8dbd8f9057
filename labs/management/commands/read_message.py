import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from labs.formats.errors import FormatError
from labs.formats.fhir.from_messages import message_bundle
from labs.formats.messages.describing import describe
from labs.formats.messages.reading import kind_of, read_messages
from labs.formats.messages.sent_file import SentFile
from labs.formats.messages.site import Site
from labs.formats.messages.site_files import site_of
from labs.formats.messages.telling import tell
from labs.formats.recognise import Recognised, recognise
from labs.inbox.mapping.site import site_now

PORTS = ("production", "validation")


class Command(BaseCommand):
    help = "What a file of an instrument or of laboratory messages would store, and why not; nothing is stored."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--json", action="store_true", help="print one JSON object per line, one line per file")
        parser.add_argument(
            "--profile", type=Path, help="HL7 and ASTM: a site's profile (JSON) instead of the settings here"
        )
        parser.add_argument(
            "--mappings", type=Path, nargs="+", help="HL7 and ASTM: its mappings (JSON); what is extended comes first"
        )
        parser.add_argument("--port", choices=PORTS, default=PORTS[0], help="HL7: the port that would get the message")
        parser.add_argument(
            "--identifiers", action="store_true", help="HL7 and ASTM: print identifiers of patients as well"
        )
        parser.add_argument(
            "--fhir", action="store_true", help="HL7 and ASTM: each message as a bundle of FHIR, with --json"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        site = _site(options)
        unread = 0
        for path in options["files"]:
            found = _recognised(path, site, options)
            unread += found.reading is None
            if options["json"]:
                self.stdout.write(json.dumps(_as_dict(path, found), ensure_ascii=False))
            else:
                self.stdout.write("\n".join(_sentences(path, found, site, options)))
        if unread:
            raise CommandError(f"{unread} of {len(options['files'])} files cannot be read.", returncode=2)


def _site(options: dict[str, Any]) -> Site | None:
    """From the files that are named; None where none is: then that of the database, once a message asks for it."""
    if options["profile"] is None and options["mappings"] is None:
        return None
    if options["profile"] is None or options["mappings"] is None:
        raise CommandError("--profile and --mappings go together.")
    try:
        profile = json.loads(options["profile"].read_text("utf-8"))
        mappings = [json.loads(path.read_text("utf-8")) for path in options["mappings"]]
        return site_of(profile, mappings, options["port"])
    except OSError as error:
        raise CommandError(f"{error.filename} cannot be opened: {error.strerror}.") from None
    except ValueError as error:
        raise CommandError(f"The site cannot be read. {error}") from None


def _recognised(path: Path, site: Site | None, options: dict[str, Any]) -> Recognised:
    try:
        data = path.read_bytes()
    except OSError as error:
        return Recognised("", error=FormatError(f"The file cannot be opened: {error.strerror}.", file=path.name))
    kind = kind_of(path.name, data)
    if not kind:
        return recognise(path.name, data)
    site = site or site_now(options["port"])
    sent = read_messages(path.name, data, site)
    if sent is None or sent.error == "charset":
        return Recognised(kind, error=FormatError("The bytes are not UTF-8.", file=path.name))
    with_identifiers = options["identifiers"]
    reading = describe(sent, site, with_identifiers=with_identifiers)
    if options["fhir"]:
        bundles = [message_bundle(each, with_identifiers=with_identifiers) for each in sent.messages]
        reading = replace(reading, summary=reading.summary | {"fhir": bundles})
    return Recognised(kind, reading)


def _as_dict(path: Path, found: Recognised) -> dict[str, Any]:
    reading = found.reading
    return {
        "file": path.name,
        "kind": found.kind,
        "would_store": (reading.would_store if reading else None) or {},
        "why_not": list(reading.why_not) if reading else [],
        "warnings": list(reading.warnings) if reading else [],
        "error": found.error.as_dict() if found.error else None,
        "summary": reading.summary if reading else {},
    }


def _sentences(path: Path, found: Recognised, site: Site | None, options: dict[str, Any]) -> list[str]:
    if found.reading is None:
        return [str(found.error)]
    reading = found.reading
    counts = ", ".join(f"{number} {kind}" for kind, number in (reading.would_store or {}).items()) or "nothing"
    rows: Iterable[str] = ()
    if isinstance(reading.document, SentFile):
        rows = tell(reading.document, site or site_now(options["port"]), with_identifiers=options["identifiers"])
    return [
        f"{path.name}: {found.kind}; would store {counts}.",
        *(f"  not stored: {sentence}" for sentence in reading.why_not),
        *(f"  look at: {sentence}" for sentence in reading.warnings),
        *(f"  {row}" for row in rows),
    ]
