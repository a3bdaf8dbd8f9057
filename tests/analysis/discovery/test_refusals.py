"""A configuration that makes no sense: one sentence that names the place, before anything is computed."""

from pathlib import Path

import pytest
from django.core.management import CommandError

from tests.analysis.discovery.study import CONFIGURATION, discover, refused, written

ENTREZ_SETS = '[data.entrez-sets]\nkind = "sets"\nfile = "sets.gmt"\nidentifiers = "entrez"\n'
LIMMA = 'name = "tissue-up"\nmethod = "limma"\n'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("study")
    written(made)
    return made


@pytest.mark.parametrize(
    ("was", "becomes", "sentence"),
    [
        ("[study]", "[stdy]", "changed.toml has no setting stdy; it takes study, data, steps."),
        ("seed = 7", "sed = 7", "study has no setting sed; it takes title, seed."),
        ("seed = 7", 'seed = "seven"', "study.seed is a whole number, not 'seven'."),
        ("seed = 7", "seed = true", "study.seed is a whole number, not True."),
        ('unit = "TPM"', 'unit = "RPKM"', "data.tissue.unit is one of counts, TPM, FPKM, log2, not 'RPKM'."),
        ('unit = "TPM"\n', "", "data.tissue lacks unit."),
        ('unit = "TPM"', 'unit = "TPM"\nlayout = "soft"', "layout is one of table, gdc, xena, geo, icgc, not 'soft'."),
        ('unit = "TPM"', 'unit = "TPM"\nlayout = "geo"', "genes is of the layout table, and data.tissue has geo."),
        ('unit = "TPM"', 'unit = "TPM"\nfrom_log2 = true', "data.tissue.from_log2 is of the layout xena, and"),
        ('unit = "log2"', 'unit = "log2"\nlayout = "xena"\nfrom_log2 = true', "from_log2 gives counts, TPM or FPKM"),
        ('unit = "counts"', 'unit = "counts"\nlayout = "gdc"', "data.trial: trial.tsv, row 1, column File Name:"),
        ('barcode = "tcga"', 'barcodes = "tcga"', "data.tissue has no setting barcodes; it takes file, layout,"),
        ('file = "sets.gmt"', 'file = "set.gmt"', "data.sets.file: there is no file "),
        ('kind = "sets"', 'kind = "set"', "data.sets.kind is one of expression, mutations,"),
        ('form = "abis"', 'form = "sibyl"', "data.cells.form is one of estimate, epic,"),
        ('group = "disease"', 'grup = "disease"', "data.exosomes.groups has no setting grup; it takes file,"),
        ("[data.maf]", '[data."a b"]', "data: a name holds letters, digits, - and _, not 'a b'."),
        (LIMMA, 'name = "tissue-up"\nmethod = "lima"\n', "steps.tissue-up.method is one of limma, deseq2,"),
        (LIMMA, f"{LIMMA}trends = true\n", "steps.tissue-up has no setting trends; it takes expression,"),
        (LIMMA, f"{LIMMA}alpha = 0\n", "steps.tissue-up.alpha lies above 0, not at 0."),
        (LIMMA, f"{LIMMA}alpha = 1.5\n", "steps.tissue-up.alpha is at most 1, not 1.5."),
        ('name = "copies"', 'name = "waterfall"', "steps.waterfall: the name is taken."),
        ('name = "copies"', 'name = "sets"', "steps.sets: the name is taken."),
        ('name = "copies"\n', "", "steps, number 7: a name holds letters, digits, - and _, not None."),
        ('mutations = "maf"\ngenes', 'mutations = "mc3"\ngenes', "steps.mutations.mutations names mc3, which"),
        ('mutations = "maf"\ngenes', 'mutations = "sets"\ngenes', "takes mutations, and sets is sets."),
        ('"trial-up:up"', '"trial-up:sideways"', "trial-up has no list sideways; it has up, down, all, measured."),
        ('"trial-up:up"', '"trial-up"', "steps.shared.lists names a list of trial-up, as trial-up:up."),
        ('"trial-up:up"', '"tissue-up:up"', "steps.shared.lists names the same twice."),
        (', "exosomes-up:up", "trial-up:up"', "", "steps.shared.lists names two lists or three, not 1."),
        ('ranking = "tissue-up"', 'ranking = "shared"', "a step that gives differential, and shared gives genes."),
        ('ranking = "tissue-up"', 'ranking = "mutations"', "and mutations gives nothing to others."),
        ('ranking = "tissue-up"', 'ranking = "tissue-up:up"', "takes tissue-up as a whole, without :up."),
        ('ranking = "tissue-up"\n', "", "steps.ranked lacks ranking: gsea takes a step that gives differential."),
        ('gene = "g000"\n', "", "steps.high-low names a gene or a score, one of both."),
        ('places = "places"\n', "", "steps.copies names segments with places of genes, or what GISTIC wrote (gistic)."),
        ('signature = "cells"', 'signature = "cells"\nfoo = 1', "steps.abis has no setting foo;"),
    ],
)  # fmt: skip
def test_the_place_is_named(folder: Path, was: str, becomes: str, sentence: str) -> None:
    assert CONFIGURATION.count(was) >= 1
    changed = folder / "changed.toml"
    changed.write_text(CONFIGURATION.replace(was, becomes, 1))
    assert sentence in refused(changed)


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        (
            'method = "deseq2"\nexpression = "tissue"\ncase = "tumour"\ncontrol = "normal"',
            "steps.more: deseq2 takes counts, and tissue is TPM (limma takes logarithms).",
        ),
        (
            'method = "limma"\nexpression = "tissue"\ncase = "tumour"\ncontrol = "normal"',
            "steps.more: limma takes log2, and tissue is TPM (log = true takes log2(x + 1) of TPM or FPKM, "
            "voom = true weighs counts).",
        ),
        (
            'method = "limma"\nexpression = "tissue"\ncase = "tumour"\ncontrol = "normal"\nvoom = true',
            "steps.more: limma takes counts, and tissue is TPM",
        ),
        ('method = "epic"\nexpression = "exosomes"', "steps.more: epic takes TPM or FPKM, and exosomes is log2."),
        ('method = "epic"\nexpression = "tissue"\nsignature = "cells"', "wants the form epic, and cells has abis."),
        (
            'method = "set_scores"\nexpression = "tissue"\nsets = "sets"',
            "set_scores takes log2, and tissue",
        ),
        (
            'method = "compare_groups"\ngroups = "high-low"',
            "steps.more names neither genes of an expression",
        ),
        ('method = "correlate"\ngenes = ["G000"]', "steps.more names genes, and no expression to take them from."),
        (
            'method = "over_representation"\ngenes = "tissue-up:up"\nsets = "entrez-sets"',
            "steps.more: genes are wanted by entrez, and tissue-up has symbol; identifiers names a table that",
        ),
    ],
)
def test_units_and_forms_are_refused_with_what_is_wanted(folder: Path, step: str, sentence: str) -> None:
    changed = folder / "changed.toml"
    changed.write_text(f'{ENTREZ_SETS}{CONFIGURATION}\n[[steps]]\nname = "more"\n{step}\n')
    assert sentence in refused(changed)


def test_steps_that_rest_on_each_other(folder: Path) -> None:
    circle = """
[study]
title = "Circle"
[data.sets]
kind = "sets"
file = "sets.gmt"
[[steps]]
name = "a"
method = "intersect"
lists = ["b:common", "sets:risen"]
[[steps]]
name = "b"
method = "intersect"
lists = ["a:common", "sets:risen"]
"""
    changed = folder / "changed.toml"
    changed.write_text(circle)
    assert refused(changed) == "The steps rest on each other: a > b > a."


def test_a_file_that_is_no_configuration(folder: Path) -> None:
    changed = folder / "changed.toml"
    changed.write_text("[study")
    assert "changed.toml is not TOML" in refused(changed)
    assert "cannot be read" in refused(folder / "nowhere.toml")


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("trial.tsv", "gene\tP0\tP6\nG000\t3\tmany\n", "data.trial: trial.tsv, row 2, column P6, “many”: A finite"),
        (
            "trial.tsv",
            "gene\tP0\tP6\nG000\t3\t\n",
            "data.trial: trial.tsv, row 2, column P6: A finite number is expected.",
        ),
        ("trial.tsv", "gene\tP0\tP6\nG000\t3\t-4\n", "data.trial: The value of gene G000 in sample P6 is below zero"),
        ("trial.tsv", "gene\tX1\tX2\nG000\t3\t4\n", "data.trial: people.tsv has no group of any sample"),
        ("people.tsv", "id\tdisease\nP0\tPD\nP0\tPR\n", "people.tsv puts the sample P0 into two groups."),
        ("people.tsv", "id\tstate\nP0\tPD\n", "people.tsv has no column disease."),
        ("people.tsv", "", "data.trial: people.tsv is empty."),
        ("out", "a file", "--out "),
    ],
)
def test_a_file_that_cannot_be_read_ends_the_run(tmp_path: Path, name: str, content: str, sentence: str) -> None:
    changed = written(tmp_path)
    (tmp_path / name).write_text(content)
    with pytest.raises(CommandError) as error:
        discover(changed, tmp_path / "out", "--only", "trial-up")
    assert error.value.returncode == 2
    assert sentence in str(error.value)
