"""References that the project may not ship: what each method needs, on which terms, and where users get it."""

ESTIMATE = (
    "It needs a signature of the form estimate: the common genes, and a GMT file with StromalSignature and "
    "ImmuneSignature; lists of the R package estimate (GPL-2), or of the supplement of Yoshihara et al. 2013."
)
EPIC = (
    "It needs a signature of the form epic: profiles, their variability and the signature genes, under the academic, "
    "non-commercial licence of LICR; the supplementary files 1 and 2 of Racle et al. 2017 (eLife 6: e26476) hold them."
)
CIBERSORT = (
    "It needs a signature of the form cibersort: LM22 is free for academic use after registration at "
    "cibersortx.stanford.edu and may not be passed on."
)
TIMER = (
    "It needs a signature of the form timer: profiles of purified immune cells, their types and the markers of the "
    "cancer type, from the TIMER site (Li et al. 2016), whose terms are not clear."
)
TIDE = (
    "It needs a signature of the form tide: signatures by Entrez identifier and the spread table of the package tidepy "
    "(GPL-3, Jiang et al. 2018)."
)
QUANTISEQ = (
    "It needs a signature of the form quantiseq: TIL10 is free (BSD-3) in the repository icbi-lab/quanTIseq on GitHub."
)
ABIS = (
    "It needs a signature of the form abis: the matrix is free (GPL-2) in the repository giannimonaco/ABIS on GitHub."
)
SETS = (
    "It needs sets, a GMT file: WikiPathways and Reactome are free (CC0), GO and Hallmark too (CC BY 4.0); KEGG may "
    "not be passed on."
)
