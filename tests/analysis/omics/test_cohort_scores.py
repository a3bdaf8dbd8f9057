"""ComBat, TIMER and TIDE: scores that depend on the whole cohort."""

import numpy as np
import pandas as pd
import pytest

from analysis.omics.combat import combat
from analysis.omics.errors import OmicsInputError
from analysis.omics.tide import CTL, MARKERS, TideScores, tide
from analysis.omics.timer import TimerScores, highest_genes, positive_coefficients, timer
from tests.analysis.omics.cells import GENES, TYPES, signature

SAMPLES = [f"s{number}" for number in range(12)]
BATCHES = ["a"] * 6 + ["b"] * 6


def noise(genes: int = 60, samples: list[str] = SAMPLES) -> pd.DataFrame:
    draw = np.random.default_rng(3)
    values = draw.normal(100, 10, (genes, len(samples)))
    return pd.DataFrame(values, index=[f"G{number:02d}" for number in range(genes)], columns=samples)


def test_a_shift_between_batches_is_taken_away() -> None:
    shifted = noise()
    shifted.iloc[:, 6:] = shifted.iloc[:, 6:] * 3 + 50
    found = combat(shifted, BATCHES)
    assert found.iloc[:, :6].mean(axis=1).to_numpy() == pytest.approx(
        found.iloc[:, 6:].mean(axis=1).to_numpy(), rel=0.1
    )
    spread = found.iloc[:, 6:].std(axis=1) / found.iloc[:, :6].std(axis=1)
    assert spread.median() == pytest.approx(1, abs=0.25)


def test_a_gene_that_is_constant_in_a_batch_stays_as_it_is() -> None:
    table = noise()
    table.iloc[0, :6] = 7.0
    found = combat(table, BATCHES)
    assert found.iloc[0].equals(table.iloc[0])
    assert not found.iloc[1].equals(table.iloc[1])


@pytest.mark.parametrize(
    ("batches", "message"),
    [
        (["a"] * 12, "only one batch"),
        (["a"] * 11 + ["b"], "batch b has a single sample"),
        (["a"] * 5, "5 batches given"),
    ],
)
def test_batches_that_cannot_be_compared_are_refused(batches: list[str], message: str) -> None:
    with pytest.raises(OmicsInputError, match=message):
        combat(noise(), batches)
    with pytest.raises(OmicsInputError, match="constant within some batch"):
        combat(noise() * 0, BATCHES)


def test_the_smallest_coefficient_goes_until_all_are_positive() -> None:
    x = np.vstack([np.eye(3), np.ones((1, 3))])
    assert positive_coefficients(x, x @ [0.5, 1.0, 2.0]) == pytest.approx([0.5, 1.0, 2.0])
    assert positive_coefficients(x, x @ [-0.5, 1.0, 2.0])[0] == 0
    assert positive_coefficients(x, -np.ones(4)).tolist() == [0, 0, 0]


def tumours() -> pd.DataFrame:
    draw = np.random.default_rng(8)
    shares = draw.uniform(0.1, 0.5, (len(TYPES), 8))
    values = signature().to_numpy() @ shares * draw.uniform(0.9, 1.1, (len(GENES), 8))
    return pd.DataFrame(values, index=[f"{gene}|{number}" for number, gene in enumerate(GENES)], columns=SAMPLES[:8])


def sorted_cells() -> tuple[pd.DataFrame, dict[str, str]]:
    draw = np.random.default_rng(9)
    names = [f"{kind}{number}" for kind in TYPES for number in range(3)]
    values = signature()[[name[0] for name in names]].to_numpy() * draw.uniform(0.9, 1.1, (len(GENES), len(names)))
    return pd.DataFrame(values, index=GENES, columns=names), {name: name[0] for name in names}


def scored(table: pd.DataFrame) -> TimerScores:
    reference, types = sorted_cells()
    return timer(table, reference, types, GENES[:24])


def test_timer_names_genes_before_the_bar_and_leaves_the_highest_out() -> None:
    found = scored(tumours())
    assert found.outliers == highest_genes(tumours().set_axis(GENES, axis=0))
    assert not set(found.outliers) & set(found.profiles.index)
    assert found.scores.columns.tolist() == TYPES
    assert (found.scores.to_numpy() >= 0).all()
    assert found.provenance.genes_found == 24 - len(set(found.outliers) & set(GENES[:24]))
    assert found.provenance.parameters["tumours"] == 8


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (tumours().iloc[:, :1], "at least two tumours"),
        (np.log2(tumours() + 1), "logarithms"),
        (tumours().mask(tumours() == tumours().iloc[3, 2]), "gene G03.* in sample s2 is missing"),
        (tumours().rename(index=str.lower), "no gene with the reference"),
    ],
)
def test_timer_refuses(table: pd.DataFrame, message: str) -> None:
    with pytest.raises(OmicsInputError, match=message):
        scored(table)
    reference, types = sorted_cells()
    with pytest.raises(OmicsInputError, match="B0 has no cell type"):
        timer(tumours(), reference, {name: kind for name, kind in types.items() if name != "B0"}, GENES)
    with pytest.raises(OmicsInputError, match="Only 1 of the 1 markers"):
        timer(tumours(), reference, types, GENES[30:31])


ENTREZ = list(dict.fromkeys([*CTL.values(), *(gene for genes in MARKERS.values() for gene in genes.values())]))
OTHERS = [str(number) for number in range(10_001, 10_041)]


def immune() -> pd.DataFrame:
    draw = np.random.default_rng(4)
    values = 2 ** draw.normal(6, 1, (len(ENTREZ) + len(OTHERS), 6))
    table = pd.DataFrame(values, index=[*ENTREZ, *OTHERS], columns=SAMPLES[:6])
    table.loc[list(CTL.values()), "s0"] *= 64
    return table


def model() -> tuple[pd.DataFrame, pd.DataFrame]:
    draw = np.random.default_rng(6)
    columns = ["Dysfunction", "Exclusion", "MDSC", "CAF", "TAM M2"]
    signatures = pd.DataFrame(draw.normal(size=(len(OTHERS), 5)), index=OTHERS, columns=columns)
    signatures.loc[OTHERS[:3], "CAF"] = np.nan
    signatures["MSI"] = 0.1
    signatures["MSS"] = -0.1
    cohorts = ["SKCM.RNASeq", "LUSC.RNASeq.norm_subtract", "LUAD.RNASeq.norm_subtract"]
    spread = pd.DataFrame({"Dysfunction": [0.1, 0.2, 0.4], "Exclusion": [0.5, 0.1, 0.2]}, index=cohorts)
    return signatures, spread


def predicted(table: pd.DataFrame, **wishes: object) -> TideScores:
    return tide(table, *model(), **wishes)  # type: ignore[arg-type]


def test_tide_is_dysfunction_where_cytotoxic_cells_are_and_exclusion_elsewhere() -> None:
    found = predicted(immune()).scores
    logs = np.log2(immune() + 1)
    centred = logs.sub(logs.mean(axis=1), axis=0)
    signatures, _ = model()
    r = {name: centred.loc[OTHERS].corrwith(signatures[name]) for name in ("Dysfunction", "Exclusion", "CAF")}
    assert found["CTL.flag"].sort_index().tolist() == [True, *[False] * 5]
    assert found.loc["s0", "TIDE"] == pytest.approx(r["Dysfunction"]["s0"] / 0.1)
    assert found.loc["s1", "TIDE"] == pytest.approx(r["Exclusion"]["s1"] / 0.5)
    assert found["CAF"].sort_index().to_numpy() == pytest.approx(r["CAF"].to_numpy())
    assert (found["Responder"] == (found["TIDE"] < 0)).all()
    assert found.loc["s2", "CD8"] == pytest.approx(centred.loc[["925", "926"], "s2"].mean())
    assert found.loc["s2", "MSI Score"] == pytest.approx(1 / (1 + np.exp(-0.2 * centred.loc[OTHERS, "s2"].sum())))


def test_tide_after_immunotherapy_is_exclusion_and_lung_cancer_has_its_own_spread() -> None:
    plain, treated, lung = (
        predicted(immune(), **wishes).scores for wishes in ({}, {"pretreated": True}, {"cancer": "NSCLC"})
    )
    assert (treated["TIDE"] == treated["Exclusion"]).all()
    assert lung.loc["s1", "Exclusion"] * 0.15 == pytest.approx(plain.loc["s1", "Exclusion"] * 0.5)
    assert lung.loc["s1", "Dysfunction"] * 0.3 == pytest.approx(plain.loc["s1", "Dysfunction"] * 0.1)


def test_symbols_are_turned_into_entrez_identifiers_and_their_rows_averaged() -> None:
    table = immune()
    symbols = table.rename(index={gene: f"S{gene}" for gene in table.index})
    doubled = pd.concat([symbols, symbols.iloc[[7]].rename(index=lambda name: f"{name}B")])
    entrez = {f"S{gene}": gene for gene in table.index} | {f"S{table.index[7]}B": table.index[7]}
    assert predicted(doubled, entrez=entrez).scores["TIDE"].to_numpy() == pytest.approx(predicted(table).scores["TIDE"])
    with pytest.raises(OmicsInputError, match=r"Only 5 of \d+ genes have an Entrez"):
        predicted(symbols, entrez={f"S{gene}": gene for gene in ENTREZ[:5]})


def test_a_missing_marker_gene_is_told() -> None:
    told = predicted(immune().drop(["3122", "3001"]), cancer="Melanoma").provenance.warnings
    assert [("HLA-DRA" in text, "GZMA" in text) for text in told] == [(False, True), (True, False)]
    assert "validated in melanoma and lung cancer only" in predicted(immune()).provenance.warnings[0]


def test_values_of_both_signs_are_taken_as_centred() -> None:
    logs = np.log2(immune() + 1)
    centred = logs.sub(logs.mean(axis=1), axis=0)
    found = predicted(centred)
    assert found.provenance.parameters["log2_and_centred"] is False
    assert found.scores["TIDE"].to_numpy() == pytest.approx(predicted(immune()).scores["TIDE"].to_numpy())


@pytest.mark.parametrize(
    ("table", "wishes", "message"),
    [
        (immune().iloc[:, :1], {}, "at least two samples"),
        (immune(), {"cancer": "HCC"}, "Melanoma, NSCLC, Other, not 'HCC'"),
        (immune().mask(immune() < 20), {}, "is missing"),
        (immune().loc[ENTREZ], {}, "Only 0 genes of the signature Dysfunction"),
    ],
)
def test_tide_refuses(table: pd.DataFrame, wishes: dict[str, object], message: str) -> None:
    with pytest.raises(OmicsInputError, match=message):
        predicted(table, **wishes)


def test_tide_refuses_a_model_with_a_hole() -> None:
    signatures, spread = model()
    with pytest.raises(OmicsInputError, match="lack the column CAF"):
        tide(immune(), signatures.drop(columns="CAF"), spread)
    with pytest.raises(OmicsInputError, match="lacks the cohort LUAD"):
        tide(immune(), signatures, spread.iloc[:2], cancer="NSCLC")
