"""Which patient each column of a file is of."""

import csv
from pathlib import Path

from labs.formats.errors import FormatError

PATIENT, TISSUE = slice(0, 12), slice(13, 15)
PRIMARY_TUMOUR = "01"


def of_barcodes(samples: list[str]) -> dict[str, str]:
    """Barcodes of TCGA: the first twelve characters are the patient. Primary tumours, of several the first by name."""
    found: dict[str, str] = {}
    for sample in sorted(samples):
        if sample[TISSUE] == PRIMARY_TUMOUR and sample[PATIENT] not in found.values():
            found[sample] = sample[PATIENT]
    return found


def of_file(path: Path) -> dict[str, str]:
    """A CSV with the columns `sample` and `patient`. FormatError names the row."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.DictReader(lines)
            if not {"sample", "patient"} <= set(rows.fieldnames or ()):
                raise FormatError("Columns named sample and patient are expected.", row=1, file=path.name)
            found: dict[str, str] = {}
            for number, row in enumerate(rows, start=2):
                sample, patient = (row["sample"] or "").strip(), (row["patient"] or "").strip()
                if not sample or not patient:
                    raise FormatError("A sample and its patient are expected.", row=number, file=path.name)
                if sample in found:
                    raise FormatError("The sample comes twice.", row=number, value=sample, file=path.name)
                found[sample] = patient
            return found
    except OSError as error:
        raise FormatError(str(error.strerror), file=path.name) from error
    except UnicodeDecodeError as error:
        raise FormatError("The file is no text in UTF-8.", file=path.name) from error
