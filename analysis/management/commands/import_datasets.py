import json
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from analysis.datasets.services import Added, datasets_add
from analysis.discovery.errors import DiscoveryError
from analysis.discovery.plan import read_data
from registry.cohorts.models import Cohort
from registry.log.actors import Actor

REFUSED = 2


class Command(BaseCommand):
    help = "Stores the data of a discovery configuration for the analyses of a cohort (docs/user/discovery.md)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("configuration", type=Path, metavar="CONFIG.toml")
        owner = parser.add_mutually_exclusive_group(required=True)
        owner.add_argument("--cohort", metavar="CODE")
        owner.add_argument("--everywhere", action="store_true", help="references that every cohort may name")
        parser.add_argument(
            "--only", action="append", default=[], metavar="NAME", help="this data.NAME; may be repeated"
        )
        parser.add_argument("--source", default="", help="where they come from (the name of the configuration)")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["configuration"]
        try:
            cohort = None if options["everywhere"] else Cohort.objects.get(code=options["cohort"])
            sources = read_data(path, only=options["only"])
            made = datasets_add(
                cohort=cohort, sources=sources, origin=options["source"] or path.name, by=Actor.system("import")
            )
        except Cohort.DoesNotExist:
            refused = _("There is no cohort %(code)s.") % {"code": options["cohort"]}
            raise CommandError(refused, returncode=REFUSED) from None
        except DiscoveryError as error:
            raise CommandError(str(error), returncode=REFUSED) from error
        except ValidationError as error:
            raise CommandError(" ".join(error.messages), returncode=REFUSED) from error
        self._report(made, as_json=options["json"])

    def _report(self, made: list[Added], *, as_json: bool) -> None:
        if as_json:
            rows = [
                {"name": one.dataset.name, "number": one.dataset.number, "new": one.is_new, "found": one.dataset.found}
                for one in made
            ]
            self.stdout.write(json.dumps({"datasets": rows}, ensure_ascii=False))
            return
        for one in made:
            found = "; ".join(f"{what} {much}" for what, much in one.dataset.found).rstrip(".")
            self.stdout.write(f"{one.dataset}: {found}." if one.is_new else f"{one.dataset}: {_('was there already.')}")
