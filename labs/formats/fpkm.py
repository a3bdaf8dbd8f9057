"""TPM out of FPKM: the share of each gene in its sample."""

import hashlib
from dataclasses import replace

from labs.formats.errors import FormatError
from labs.formats.expression import ExpressionTable


def tpm_of_fpkm(table: ExpressionTable) -> ExpressionTable:
    """TPM = 10⁶ · FPKM / Σ FPKM over the genes of the table, which must be all that were measured.

    Parameters
    ----------
    table : ExpressionTable
        FPKM of shape (genes, samples).

    Returns
    -------
    ExpressionTable
        The hash is that of the file's hash and this fact: the values are not those of the file.

    Raises
    ------
    FormatError
        A negative value, a sample whose values are all 0.

    Notes
    -----
    Li and Dewey, BMC Bioinformatics 2011; 12: 323; Wagner et al., Theory Biosci 2012; 131: 281-285.
    """
    sums = table.values.sum(axis=0)
    for sample, total, least in zip(table.samples, sums.tolist(), table.values.min(axis=0).tolist(), strict=True):
        if least < 0:
            raise FormatError("FPKM is not below 0.", column=sample, value=f"{least:g}")
        if total == 0:
            raise FormatError("All values of the sample are 0.", column=sample)
    sha256 = hashlib.sha256(f"{table.sha256} 1e6 x / sum".encode()).hexdigest()
    return replace(table, values=table.values * (1e6 / sums), sha256=sha256)
