import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils.translation import gettext as _

from analysis.riskmodels.validating import validations_define
from labs.expression.models import ExpressionUnit, Identifiers
from labs.expression.samples import of_barcodes, of_file
from labs.expression.services import Imported, expression_import
from labs.expression.tables import Asked, Found, read_any
from labs.formats.errors import FormatError
from labs.formats.expression import DUPLICATES, REFUSE, one_row_a_gene
from labs.formats.expression_layouts import LAYOUTS
from registry.cohorts.models import Cohort
from registry.log.actors import Actor

REFUSED = 2


class _DryRun(Exception):
    """Takes back what was written."""


class Command(BaseCommand):
    help = "Imports a table of gene expression (genes × samples) of a cohort's tumours (docs/user/expression.md)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("cohort", help="code of the cohort")
        parser.add_argument("file", type=Path, help="TSV, CSV or GCT, packed with gzip or not; a folder of the GDC")
        parser.add_argument("--format", default="", choices=LAYOUTS, help="seen from the file, except xena")
        parser.add_argument("--unit", required=True, choices=ExpressionUnit.values)
        parser.add_argument("--identifiers", default=Identifiers.SYMBOL, choices=Identifiers.values)
        parser.add_argument("--gene-column", default="", metavar="NAME", help="names the genes (the first column)")
        parser.add_argument("--ignore", default="", metavar="A,B", help="further columns that are no samples")
        parser.add_argument("--duplicates", default=REFUSE, choices=DUPLICATES, help="genes with several rows")
        parser.add_argument("--sheet", type=Path, metavar="TSV", help="gdc: the sample sheet, if not in the folder")
        parser.add_argument("--from-log2", action="store_true", help="xena: values are log2(x + 1), store x")
        parser.add_argument("--from-fpkm", action="store_true", help="values are FPKM of all genes, store TPM")
        parser.add_argument("--patient-from", default="", metavar="NAME", help="geo: a characteristic is the patient")
        parser.add_argument("--specimens", type=Path, metavar="TSV", help="icgc: its primary tumours, one a donor")
        samples = parser.add_mutually_exclusive_group()
        samples.add_argument("--samples", type=Path, metavar="CSV", help="columns sample and patient")
        samples.add_argument("--tcga", action="store_true", help="samples are barcodes; primary tumours only")
        parser.add_argument("--source", default="", help="where the table comes from")
        parser.add_argument("--dry-run", action="store_true", help="say what would be stored, and store nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        cohort = Cohort.objects.filter(code=options["cohort"]).first()
        if cohort is None:
            raise CommandError(_("There is no cohort %(code)s.") % {"code": options["cohort"]}, returncode=REFUSED)
        try:
            read = read_any(
                Asked(
                    options["file"],
                    options["unit"],
                    options["identifiers"],
                    options["format"],
                    options["gene_column"],
                    tuple(name for name in options["ignore"].split(",") if name),
                    options["sheet"],
                    options["from_log2"],
                    options["patient_from"],
                    options["specimens"],
                    options["duplicates"],
                    options["from_fpkm"],
                )
            )
            read = replace(read, table=one_row_a_gene(read.table, options["duplicates"]))
            found = self._stored(cohort, read, options)
        except FormatError as error:
            raise CommandError(str(error), returncode=REFUSED) from error
        except ValidationError as error:
            raise CommandError(" ".join(error.messages), returncode=REFUSED) from error
        if not options["dry_run"]:
            # What came in may be what a registered model has waited for.
            validations_define()
        self._report(found, read, options)

    def _stored(self, cohort: Cohort, read: Found, options: dict[str, Any]) -> Imported:
        patients = read.patients
        if options["tcga"]:
            patients = of_barcodes(read.table.samples)
        elif options["samples"]:
            patients = of_file(options["samples"])
        made: list[Imported] = []
        try:
            with transaction.atomic():
                made.append(
                    expression_import(
                        cohort=cohort,
                        table=read.table,
                        patients=patients,
                        unit=options["unit"],
                        identifiers=options["identifiers"],
                        source=options["source"] or options["file"].resolve().name,
                        by=Actor.system("import"),
                    )
                )
                if options["dry_run"]:
                    raise _DryRun
        except _DryRun:
            pass
        return made[0]

    def _report(self, found: Imported, read: Found, options: dict[str, Any]) -> None:
        stored = found.stored
        told = {
            "cohort": stored.cohort.code,
            "version": stored.number,
            "unit": stored.unit,
            "genes": stored.genes,
            "samples": stored.samples,
            "of_nobody": len(found.others),
            "unnamed": read.table.unnamed,
            "incomplete": read.incomplete,
            "new": found.is_new,
            "dry_run": options["dry_run"],
        }
        if options["json"]:
            self.stdout.write(json.dumps(told))
            return
        self.stdout.write(
            _("%(cohort)s: %(genes)d genes in %(unit)s of %(samples)d patients, version %(version)d.") % told
        )
        if found.others:
            self.stdout.write(_("%(of_nobody)d columns are of no patient of the cohort and were left out.") % told)
        if read.table.unnamed:
            self.stdout.write(_("%(unnamed)d rows name no gene and were left out.") % told)
        if read.incomplete:
            self.stdout.write(_("%(incomplete)d genes have no value in some sample and were left out.") % told)
        if not found.is_new:
            self.stdout.write(_("It was there already: nothing was changed."))
        if options["dry_run"]:
            self.stdout.write(_("Dry run: nothing was changed."))
