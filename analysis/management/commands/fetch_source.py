import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.management.base import BaseCommand, CommandError, CommandParser

from analysis.sources.catalogue import Source, sources
from analysis.sources.checksums import Expected
from analysis.sources.fetching import Fetched, fetch
from analysis.sources.present import Finding, State, findings
from analysis.sources.transfer import Limits, Refused

FAILED, REFUSED = 1, 2
MB = 1_000_000


class Command(BaseCommand):
    help = "Downloads a public source or a free reference table with its checksum (docs/user/discovery-sources.md)."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", nargs="?", default="", help="a source of --list")
        parser.add_argument("--to", type=Path, default=Path("sources"), metavar="DIR", help="folder (sources)")
        parser.add_argument("--list", action="store_true", help="every source with licence and address")
        parser.add_argument("--check", type=Path, metavar="DIR", help="verify the files that are in a folder")
        parser.add_argument("--url", default="", help="another address of the same file, such as a mirror")
        parser.add_argument("--sha256", default="", metavar="HEX", help="what the file must hash to")
        parser.add_argument("--accept-new", action="store_true", help="take a file that is not the first download's")
        parser.add_argument("--largest", type=int, metavar="MB", help="refuse more (as the list says)")
        parser.add_argument("--timeout", type=float, default=60.0, metavar="S", help="seconds without a byte (60)")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list"]:
            self._list(options["json"])
        elif options["check"]:
            self._check(options["check"], options["json"])
        else:
            self._fetch(_source(options["name"], options["url"]), options)

    def _list(self, is_json: bool) -> None:
        if is_json:
            self.stdout.write(json.dumps([source.as_dict() for source in sources().values()], ensure_ascii=False))
            return
        for source in sources().values():
            address = source.url or f"not fetched, {source.why}: {source.where}"
            self.stdout.write(f"{source.name}\n  {source.title}\n  {source.licence}\n  {source.used_for}\n  {address}")

    def _check(self, folder: Path, is_json: bool) -> None:
        if not folder.is_dir():
            raise CommandError(f"There is no folder {folder}.", returncode=REFUSED)
        found = findings(folder)
        if is_json:
            self.stdout.write(json.dumps([finding.as_dict() for finding in found]))
        else:
            for finding in found:
                self.stdout.write(_sentence(finding))
        if any(finding.state == State.DIFFERENT for finding in found):
            raise CommandError("A file is not what it should be.", returncode=FAILED)

    def _fetch(self, source: Source, options: dict[str, Any]) -> None:
        sha256 = options["sha256"].lower()
        if sha256 and (len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef")):
            raise CommandError("--sha256 is 64 hexadecimal digits.", returncode=REFUSED)
        expected = Expected(sha256) if sha256 else Expected(source.sha256, source.md5)
        limits = Limits((options["largest"] or source.largest) * MB, options["timeout"])
        name = source.file or Path(urlsplit(options["url"]).path).name
        if not name:
            raise CommandError("The address names no file.", returncode=REFUSED)
        try:
            found = fetch(
                options["url"] or source.url,
                options["to"] / name,
                limits,
                expected=expected,
                accept_new=options["accept_new"],
                progress=self._progress(),
            )
        except Refused as error:
            raise CommandError(f"{source.name}: {error}", returncode=FAILED) from None
        except OSError as error:
            raise CommandError(f"{source.name}: {error.strerror or error}.", returncode=FAILED) from None
        self._report(source, found, options["json"])

    def _progress(self) -> Any:
        told = -1

        def tell(done: int, whole: int) -> None:
            nonlocal told
            step = done * 10 // whole if whole else done // (10 * MB)
            if step != told:
                told = step
                of = f" of {whole / MB:.1f}" if whole else ""
                self.stderr.write(f"{done / MB:.1f}{of} MB", self.style.NOTICE)

        return tell

    def _report(self, source: Source, found: Fetched, is_json: bool) -> None:
        if is_json:
            told = {
                "name": source.name,
                "file": str(found.path),
                "sha256": found.hashes.sha256,
                "was_there": found.was_there,
                "first": found.is_first,
            }
            self.stdout.write(json.dumps(told))
            return
        self.stdout.write(
            f"{found.path}: {'was there already, ' if found.was_there else ''}SHA-256 {found.hashes.sha256}"
        )
        if found.is_first:
            self.stdout.write("No checksum was known: this one is recorded beside the file, and counts from now on.")


def _source(name: str, url: str) -> Source:
    source = sources().get(name)
    if source is None:
        said = f"There is no source {name}" if name else "Which source"
        raise CommandError(f"{said}: --list names them.", returncode=REFUSED)
    if source.licensed or not (source.url or url):
        raise CommandError(f"{name} is not fetched, because {source.why}: {source.where}", returncode=REFUSED)
    return source


def _sentence(finding: Finding) -> str:
    match finding.state:
        case State.ABSENT:
            return f"{finding.file}: not there"
        case State.GOOD:
            return f"{finding.file}: good"
        case State.UNKNOWN:
            return f"{finding.file}: there is no checksum to compare with, SHA-256 {finding.sha256}"
        case State.DIFFERENT:
            return f"{finding.file}: {finding.difference}"
