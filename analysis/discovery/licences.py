"""References that the project may not ship: what each method needs, on which terms, and where users get it."""

ESTIMATE = (
    'It needs form = "estimate" with the common genes (common) and the two signatures (sets, a GMT file with '
    "StromalSignature and ImmuneSignature): lists of the GPL-2 package estimate (Yoshihara et al. 2013), or the "
    "supplement of the paper."
)
EPIC = (
    'It needs form = "epic" with profiles, their variability and the signature genes: under the academic, '
    "non-commercial licence of LICR; the supplementary files 1 and 2 of Racle et al. 2017 (eLife 6: e26476) hold them."
)
CIBERSORT = (
    'It needs form = "cibersort" with a signature matrix: LM22 is free for academic use after registration at '
    "cibersortx.stanford.edu and may not be passed on."
)
TIMER = (
    'It needs form = "timer" with purified immune profiles, their cell types and the markers of the cancer type: data '
    "of the TIMER site (Li et al. 2016), whose terms are not stated."
)
TIDE = (
    'It needs form = "tide" with the signatures by Entrez identifier and the spread table: of the GPL-3 package '
    "tidepy (Jiang et al. 2018)."
)
QUANTISEQ = (
    'It needs form = "quantiseq" with the TIL10 signature: BSD-3, free to use, from the quanTIseq repository '
    "(github.com/FFinotello/quanTIseq)."
)
ABIS = (
    'It needs form = "abis" with the signature matrix: GPL-2, free to use, from the ABIS repository '
    "(github.com/giannimonaco/ABIS)."
)
SETS = (
    "It needs a GMT file: WikiPathways and Reactome are CC0, GO and the Hallmark sets CC BY 4.0; KEGG may not be "
    "passed on and is loaded by users who have it."
)
