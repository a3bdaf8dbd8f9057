"""Copy number: segments, profiles and calls worked out by hand, and the real liver cancers."""

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.omics.copy_calls import AMPLIFICATION, DELETION, call_shares, gene_calls, lesion_calls, sample_cutoffs
from analysis.omics.copy_profiles import CopyProfiles, ProfileSettings, copy_profiles, joined
from analysis.omics.errors import OmicsInputError
from analysis.omics.gene_copies import arm_copies, gene_copies
from analysis.omics.gistic import read_gene_calls, read_gene_values, read_lesions, read_peak_genes
from analysis.omics.segments import read_segments, segments

HEADER = "ID\tchrom\tloc.start\tloc.end\tnum.mark\tseg.mean"
TWO = (
    "A\tchr1\t1\t100000\t50\t-0.5",
    "A\t1\t100001\t300000\t90\t0.0",
    "A\t2\t1\t200000\t90\t1.0",
    "A\tX\t1\t200000\t90\t-1.0",
    "B\t1\t1\t300000\t90\t0.0",
    "B\t2\t1\t200000\t90\t0.0",
)


def written(tmp_path: Path, *rows: str, header: str = HEADER) -> Path:
    path = tmp_path / "cohort.seg.gz"
    path.write_bytes(gzip.compress("\n".join((header, *rows, "")).encode()))
    return path


@pytest.fixture
def profiles(tmp_path: Path) -> CopyProfiles:
    return copy_profiles(read_segments(written(tmp_path, *TWO)), ProfileSettings(spacing=20_000, join_below=2))


def test_segments_are_read_by_place(tmp_path: Path) -> None:
    found = read_segments(written(tmp_path, *TWO))
    assert found["chromosome"].tolist() == ["1", "1", "2", "X", "1", "2"]
    assert found["log2_ratio"].tolist() == [-0.5, 0.0, 1.0, -1.0, 0.0, 0.0]
    assert read_segments(written(tmp_path, *TWO[1:], header=TWO[0])).equals(found)
    assert read_segments(written(tmp_path, HEADER, *TWO, header="# hg19")).equals(found)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("A\t1\t1\t100000\t50", "too few cells in row 2"),
        ("A\t1\t1\t100000\t50\tNA", "no number as log2_ratio in row 2"),
        ("A\t1\t100000\t1\t50\t0.1", "ends before its start in row 2"),
        ("\t1\t1\t100000\t50\t0.1", "blank sample in row 2"),
        ("A\t1\t1\t100000\t-5\t0.1", "negative number of markers in row 2"),
    ],
)
def test_a_segment_that_cannot_be_is_refused(tmp_path: Path, row: str, message: str) -> None:
    with pytest.raises(OmicsInputError, match=message):
        read_segments(written(tmp_path, row))


def test_overlapping_segments_are_refused(tmp_path: Path) -> None:
    with pytest.raises(OmicsInputError, match="overlapping segments of one sample in row 3"):
        read_segments(written(tmp_path, "A\t1\t1\t100\t5\t0.1", "A\t1\t90\t200\t5\t0.2"))
    with pytest.raises(OmicsInputError, match="lacks the column log2_ratio"):
        segments(pd.DataFrame(columns=["sample", "chromosome", "start", "end", "markers"]))


def test_copy_numbers_are_no_logarithms(tmp_path: Path) -> None:
    with pytest.raises(OmicsInputError, match="no negative value"):
        copy_profiles(read_segments(written(tmp_path, "A\t1\t1\t100\t5\t2", "B\t1\t1\t200\t5\t3")))


def test_numbers_of_copies_are_not_taken_for_markers_and_logarithms(tmp_path: Path) -> None:
    header = "GDC_Aliquot\tChromosome\tStart\tEnd\tCopy_Number\tMajor_Copy_Number\tMinor_Copy_Number"
    with pytest.raises(OmicsInputError, match="holds numbers of copies"):
        read_segments(written(tmp_path, "uuid\tchr1\t61735\t3754463\t4\t3\t1", header=header))


def test_a_profile_is_centred_capped_and_turned_into_copy_change(profiles: CopyProfiles) -> None:
    assert set(profiles.chromosomes) == {"1", "2"}
    # Markers at the five ends and between them: 1..100000 and 100001..300000 in steps of 20 kb, the same on 2.
    assert [len(marks.positions) for marks in profiles.chromosomes.values()] == [6 + 11, 11]
    values = profiles.values("A")
    assert values[:6] == pytest.approx(2**0.5 - 2)
    assert values[6:17] == pytest.approx(0)
    assert values[17:] == pytest.approx(2)
    assert profiles.values("B") == pytest.approx(0)


def test_a_cap_and_a_limit_of_segments_hold(tmp_path: Path) -> None:
    table = read_segments(written(tmp_path, *TWO))
    settings = ProfileSettings(spacing=20_000, join_below=2, cap=0.4)
    assert copy_profiles(table, settings).values("A").max() == pytest.approx(2**1.4 - 2)
    few = copy_profiles(table, ProfileSettings(spacing=20_000, join_below=2, most_segments=2))
    assert (few.excluded, list(few.runs)) == (("A",), ["B"])


def test_a_short_segment_joins_the_closest_neighbour() -> None:
    sizes, values = joined(np.array([10, 2, 20]), np.array([0.0, 0.9, 1.0]), 8)
    assert sizes.tolist() == [10, 22]
    assert values == pytest.approx([0.0, (2 * 0.9 + 20 * 1.0) / 22])
    sizes, values = joined(np.array([3, 4]), np.array([0.0, 1.0]), 8)
    assert (sizes.tolist(), values.tolist()) == ([3, 4], [0.0, 1.0])


GENES = pd.DataFrame(
    [
        ("INNER", "1", 10_000, 11_000),
        ("EDGE", "chr1", 99_000, 99_500),
        ("BOTH", "1", 5_000, 6_000),
        ("BOTH", "2", 5_000, 6_000),
        ("LONG", "1", 1, 50_000),
        ("LONG", "1", 45_000, 300_000),
        ("FAR", "7", 1, 2),
    ],
    columns=["symbol", "chromosome", "start", "end"],
)


def test_a_gene_has_the_markers_inside_and_one_on_either_side(profiles: CopyProfiles) -> None:
    found = gene_copies(profiles, GENES)
    lost = 2**0.5 - 2
    assert found.values["A"].to_dict() == pytest.approx(
        {"INNER": lost, "EDGE": lost, "BOTH|chr1": lost, "BOTH|chr2": 2, "LONG": 6 * lost / 17}
    )
    assert found.not_covered == ("FAR",)
    assert (found.values["B"] == 0).all()
    extreme = gene_copies(profiles, GENES, collapse="extreme")
    assert extreme.values.loc["LONG", "A"] == pytest.approx(lost)
    with pytest.raises(OmicsInputError, match="mean, extreme"):
        gene_copies(profiles, GENES, collapse="median")
    with pytest.raises(OmicsInputError, match="place of INNER"):
        gene_copies(profiles, GENES.assign(start=300_000))


def test_an_arm_has_the_median_of_its_markers(tmp_path: Path) -> None:
    fine = copy_profiles(read_segments(written(tmp_path, *TWO)), ProfileSettings(spacing=1_000, join_below=2))
    arms = pd.DataFrame(
        [("1p", "1", 1, 150_000), ("2q", "2", 1, 200_000), ("2p", "2", 1, 9_000)],
        columns=["arm", "chromosome", "start", "end"],
    )
    found = arm_copies(fine, arms)
    assert found["A"].to_dict() == pytest.approx({"1p": 2**0.5 - 2, "2q": 2})


def test_calls_follow_the_cutoffs_of_each_sample() -> None:
    cutoffs = sample_cutoffs(pd.DataFrame({"A": [-0.4004, 0.3], "B": [0.0, 0.1]}, index=["1p", "1q"]))
    assert cutoffs.loc["A"].tolist() == [-0.5, 0.4]
    values = pd.DataFrame({"A": [-0.51, -0.5, -0.1, 0.1, 0.11, 0.4, 0.41]}, index=list("abcdefg"))
    calls = gene_calls(values, cutoffs)
    assert calls["A"].tolist() == [-2, -1, 0, 0, 1, 1, 2]
    assert call_shares(pd.DataFrame({"A": [2], "B": [-1]}))["amplification"].tolist() == [0.5]
    with pytest.raises(OmicsInputError, match="C has no cut-offs"):
        gene_calls(values.rename(columns={"A": "C"}), cutoffs)
    with pytest.raises(OmicsInputError, match="c has no copy change in A"):
        gene_calls(values.mask(values == -0.1), cutoffs)


def test_lesions_are_called_in_their_direction() -> None:
    values = pd.DataFrame({"A": [-1.4, -1.3, -0.05, 0.05, 0.5, 0.95]})
    assert lesion_calls(values, AMPLIFICATION)["A"].tolist() == [0, 0, 0, 0, 1, 2]
    assert lesion_calls(values, DELETION)["A"].tolist() == [2, 1, 0, 0, 0, 0]


def test_output_of_gistic_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "all_thresholded.by_genes.txt"
    path.write_text("Gene Symbol\tLocus ID\tCytoband\tS1\tS2\t\nTP53\t7157\t17p13.1\t-1\t0\t\n")
    assert read_gene_calls(path).loc["TP53"].to_dict() == {"S1": -1, "S2": 0}
    path.write_text("Gene Symbol\tLocus ID\tCytoband\tS1\tS2\nTP53\t7157\t17p13.1\t-1\t3\n")
    with pytest.raises(OmicsInputError, match="call of 3 for S2 in TP53"):
        read_gene_calls(path)
    path.write_text("Gene Symbol\tS1\nTP53\tNA\n")
    with pytest.raises(OmicsInputError, match="no number for S1 in row 2"):
        read_gene_values(path)
    with pytest.raises(OmicsInputError, match="lacks the column Unique Name"):
        read_lesions(path)
    with pytest.raises(OmicsInputError, match="lacks the row 'cytoband'"):
        read_peak_genes(path)


def test_genes_of_a_peak_are_told_from_neighbours_and_ambiguous_ones(tmp_path: Path) -> None:
    path = tmp_path / "amp_genes.conf_99.txt"
    path.write_text(
        "cytoband\t1q21.3\t8q24\t\nq value\t1e-9\t0.1\t\nresidual q value\t1e-9\t0.2\t\n"
        "wide peak boundaries\tchr1:1-9\tchr8:1-9\t\ngenes in wide peak\tS100A11\t[MYC]\t\n\tSNORA3|E1\t\t\n"
    )
    found = read_peak_genes(path)
    assert [(peak.cytoband, peak.genes, peak.ambiguous) for peak in found] == [
        ("1q21.3", ("S100A11",), ("SNORA3|E1",)),
        ("8q24", (), ()),
    ]
    assert found[1].residual_q == 0.2
