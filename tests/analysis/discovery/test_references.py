"""Methods with their references, from files to tables, against what the original programs gave."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.analysis.discovery.study import discover, kept, table_of

EXPRESSION = {
    "mixtures": ("epic/syn_bulk.tsv.gz", "TPM"),
    "tumours": ("timer/syn1_tumor.tsv.gz", "TPM"),
    "sample": ("quantiseq/gene_tpm.tsv.gz", "TPM"),
    "few": ("cibersort/mixture.tsv", "TPM"),
    "ranked": ("estimate/ov_expression.tsv.gz", "log2"),
}
SIGNATURES = {
    "epic": 'profiles = "{0}/epic/syn_ref.tsv.gz"\nvariability = "{0}/epic/syn_var.tsv.gz"\n'
    'genes = "{0}/epic/syn_sig.txt"',
    "timer": 'profiles = "{0}/timer/syn1_immune.tsv.gz"\ntypes = "{0}/timer/syn1_types.tsv"\n'
    'markers = "{0}/timer/syn1_markers.txt"',
    "quantiseq": 'matrix = "{0}/quantiseq/TIL10_signature.txt"\nmrna = "{0}/quantiseq/TIL10_mRNA_scaling.txt"\n'
    'without = ["{0}/quantiseq/TIL10_rmgenes.txt"]',
    "cibersort": 'matrix = "{0}/cibersort/signature_matrix.tsv"',
    "estimate": 'common = "{0}/estimate/common_genes_10412.txt.gz"\nsets = "{0}/estimate/SI_geneset.gmt"',
}
STEPS = {"epic": "mixtures", "timer": "tumours", "quantiseq": "sample", "cibersort": "few", "estimate": "ranked"}
TIDE = """
[data.bulk]
kind = "expression"
file = "bulk.tsv"
unit = "TPM"

[data.tide-files]
kind = "signature"
form = "tide"
signatures = "{0}/tide/signatures_entrez.tsv.gz"
spread = "{0}/tide/SD.tsv"

[data.entrez]
kind = "identifiers"
file = "{0}/tide/bulk_symbol_to_entrez.tsv.gz"

[[steps]]
name = "tide"
method = "tide"
expression = "bulk"
signature = "tide-files"
identifiers = "entrez"
"""
GISTIC = """
[data.gistic]
kind = "gistic"
lesions = "{0}/gistic/all_lesions.conf_99.txt.gz"
amplified = "{0}/gistic/amp_genes.conf_99.txt.gz"
deleted = "{0}/gistic/del_genes.conf_99.txt.gz"

[[steps]]
name = "gistic-peaks"
method = "copy_number"
gistic = "gistic"
"""


@pytest.fixture(scope="module")
def omics(hepatica_reference: Path) -> Path:
    return hepatica_reference / "omics"


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory, omics: Path) -> Path:
    folder = tmp_path_factory.mktemp("references")
    parts = ['[study]\ntitle = "References"']
    for name, (file, unit) in EXPRESSION.items():
        more = 'duplicates = "median"' if name == "sample" else ""
        parts.append(f'[data.{name}]\nkind = "expression"\nfile = "{omics}/{file}"\nunit = "{unit}"\n{more}')
    for form, files in SIGNATURES.items():
        parts.append(f'[data.{form}-files]\nkind = "signature"\nform = "{form}"\n{files.format(omics)}')
    for method, expression in STEPS.items():
        parts.append(
            f'[[steps]]\nname = "{method}"\nmethod = "{method}"\nexpression = "{expression}"\n'
            f'signature = "{method}-files"'
        )
    (folder / "study.toml").write_text("\n\n".join([*parts, GISTIC.format(omics), TIDE.format(omics)]))
    bulk = pd.read_csv(omics / "shared" / "bulk_mat.tsv.gz", sep="\t", index_col=0)
    bulk.clip(lower=0).round(6).to_csv(folder / "bulk.tsv", sep="\t")
    found = discover(folder / "study.toml", folder / "out")
    assert len(found["computed"]) == len(STEPS) + 2
    return folder / "out"


@pytest.mark.parametrize(
    ("step", "file", "tolerance"),
    [
        ("epic", "epic/syn_frac.tsv", 3e-3),
        ("timer", "timer/syn1_fractions.tsv", 1e-6),
        ("quantiseq", "quantiseq/expected_sample0.tsv", 5e-4),
        ("cibersort", "cibersort/oracle_exact_rel_perm0.tsv", 1e-6),
        ("tide", "tide/expected_Other.tsv", 1e-6),
    ],
)
def test_scores_of_samples(
    out: Path, omics: Path, step: str, file: str, tolerance: float, compared: Callable[[int], None]
) -> None:
    expected = pd.read_csv(omics / file, sep="\t", index_col=0)
    ours = table_of(out, step).set_index("sample")
    shared = [name for name in expected if name in ours]
    assert len(shared) >= ours.shape[1] - 1
    theirs = expected[shared].astype(float)
    np.testing.assert_allclose(ours.loc[expected.index, shared].astype(float), theirs, atol=tolerance)
    compared(expected[shared].size)


def test_estimate(out: Path, omics: Path, compared: Callable[[int], None]) -> None:
    expected = pd.read_csv(omics / "estimate" / "ov_expected_original_genes.tsv", sep="\t", index_col=0)
    ours = table_of(out, "estimate").set_index("sample").loc[expected.index]
    for name, theirs in (("stromal", "StromalScore"), ("immune", "ImmuneScore"), ("estimate", "ESTIMATEScore")):
        np.testing.assert_allclose(ours[name], expected[theirs], atol=1e-6)
    assert "purity" not in ours
    compared(3 * len(expected))


def test_peaks_of_gistic(out: Path, compared: Callable[[int], None]) -> None:
    found: Mapping[str, int] = kept(out, "gistic-peaks")["summary"]
    assert found == {"samples": 191, "genes": 2622, "peaks": 16, "amplified": 388, "deleted": 26481}
    compared(len(found))
