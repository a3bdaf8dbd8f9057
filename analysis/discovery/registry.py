"""All methods that a step may name."""

from collections.abc import Mapping

from analysis.discovery.method import Method
from analysis.discovery.methods.agreement import AGAINST, COPY_AGREEMENT
from analysis.discovery.methods.differential import DESEQ2, LIMMA
from analysis.discovery.methods.enrichment import GSEA, OVER_REPRESENTATION, SET_SCORES
from analysis.discovery.methods.genome import COPY_NUMBER, MUTATION_SUMMARY, WATERFALL
from analysis.discovery.methods.genome_by_group import COMPARE_COPY_NUMBER, COMPARE_MUTATIONS
from analysis.discovery.methods.groups import COMPARE_GROUPS, CORRELATE, GROUP_BY
from analysis.discovery.methods.infiltration import INFILTRATION
from analysis.discovery.methods.regions import INTERSECT

METHODS: Mapping[str, Method] = {
    method.code: method
    for method in (
        LIMMA,
        DESEQ2,
        INTERSECT,
        MUTATION_SUMMARY,
        WATERFALL,
        COPY_NUMBER,
        *INFILTRATION,
        SET_SCORES,
        OVER_REPRESENTATION,
        GSEA,
        GROUP_BY,
        COMPARE_GROUPS,
        COMPARE_MUTATIONS,
        COMPARE_COPY_NUMBER,
        COPY_AGREEMENT,
        AGAINST,
        CORRELATE,
    )
}
