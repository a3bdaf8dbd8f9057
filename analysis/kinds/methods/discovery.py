"""What a paper says of the steps of a discovery; each method is said once, with the paper that it is by."""

from collections.abc import Mapping
from types import MappingProxyType

from analysis.kinds.base import Output
from analysis.kinds.methods.survival_time import Parameters

BY_METHOD: Mapping[str, str] = MappingProxyType(
    {
        "limma": "Differential expression was tested by linear models with moderated t statistics (limma [@limma])",
        "deseq2": "Differential expression of counts was tested by negative binomial models (DESeq2 [@deseq])",
        "intersect": "Lists of genes were intersected",
        "mutation_summary": "Somatic mutations were summarised after maftools [@maftools]",
        "waterfall": "The most mutated genes were drawn as a waterfall after maftools [@maftools]",
        "copy_number": "Gene-level copy numbers were called from segments with the thresholds of GISTIC [@gistic]",
        "estimate": "Stromal and immune scores are those of ESTIMATE [@estimate]",
        "epic": "Cell types were estimated by EPIC [@epic]",
        "cibersort": "Cell types were estimated by CIBERSORT [@cibersort]",
        "timer": "Immune cells were estimated by TIMER [@timer]",
        "tide": "Dysfunction and exclusion of T cells were scored by TIDE [@tide]",
        "quantiseq": "Cell types were estimated by quanTIseq [@quantiseq]",
        "abis": "Cell types were estimated by ABIS [@abis]",
        "set_scores": "Sets of genes were scored in each sample by single-sample enrichment [@gsva]",
        "over_representation": "Over-representation of sets was tested by the hypergeometric distribution [@clusterprofiler]",
        "gsea": "Enrichment along the ranking was tested by gene set enrichment analysis [@gsea], multilevel [@fgsea]",
        "group_by": "Samples were split above the median",
        "compare_groups": "Two groups were compared by Mann–Whitney tests [@mann-whitney]",
        "correlate": "Correlations are Spearman's",
        "compare_mutations": "Mutated genes were compared between groups by Fisher's exact tests, after maftools [@maftools]",
        "compare_copy_number": "Copy numbers were compared between groups by Mann–Whitney tests [@mann-whitney], gains and losses by Fisher's exact tests",
        "copy_agreement": "Calls of copy number were set against published ones, with Cohen's weighted kappa [@cohen]",
        "against": "Scores were set against published ones by their ranks",
    }
)


def discovery(_parameters: Parameters, output: Output) -> list[str]:
    done: dict[str, list[str]] = {}
    for step in output["steps"]:
        if not step["reason"]:
            done.setdefault(step["method"], []).append(step["name"])
    said = [f"{BY_METHOD.get(method, method)} ({', '.join(names)})." for method, names in done.items()]
    return [
        *said,
        "Within each step p were adjusted after Benjamini and Hochberg [@bh]; over the steps they were not, and all of "
        "it is exploratory.",
    ]
