"""Kind ``maf``: counts of variants and of mutated samples."""

from typing import Any

import pandas as pd

from analysis.omics.maf import mutations
from analysis.omics.maf_summary import genes_by_mutated_samples, mutational_burden
from tests.parity.recipes import Analysis

KEYS = frozenset({"sample", "gene", "classification", "type", "counted", "min_samples"})
BY_KEY = {
    "sample": "Tumor_Sample_Barcode",
    "gene": "Hugo_Symbol",
    "classification": "Variant_Classification",
    "type": "Variant_Type",
}


def compute(analysis: Analysis) -> dict[str, Any]:
    """One table of variants."""
    recipe = analysis.recipe
    table = pd.DataFrame({name: analysis.column(name) for name in analysis.table.columns})
    counted = analysis.column(recipe["counted"]) == 1
    classes = set(table.loc[counted, recipe["classification"]])
    assert not classes & set(table.loc[~counted, recipe["classification"]]), "the recipe counts part of a class"
    named = table.assign(**{name: table[recipe[key]] for key, name in BY_KEY.items()})
    cohort = mutations(named, counted=sorted(classes), drop_repeated=False)
    per_sample = mutational_burden(cohort)["total"]
    mutated = genes_by_mutated_samples(cohort)["MutatedSamples"]
    at_least = recipe["min_samples"]
    return {
        "n_samples": len(cohort.samples),
        "classification": cohort.variants["Variant_Classification"].value_counts().to_dict(),
        "type": cohort.variants["Variant_Type"].value_counts().to_dict(),
        "nonsyn_per_sample": per_sample.to_dict(),
        "median_nonsyn_per_sample": float(per_sample.median()),
        f"genes_mutated_in_{at_least}plus_samples": mutated[mutated >= at_least].to_dict(),
    }
