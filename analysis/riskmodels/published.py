"""The score of Gao et al. 2025. The paper does not state its unit; refitting on public data says TPM."""

CODE, UNIT, ENDPOINT = "gao-2025", "TPM", "OS"
COEFFICIENTS = {"S100A11": 0.00026, "PUSL1": 0.02752}
SOURCE = "Gao R. et al. 2025; coefficients as printed, unit found by refitting on TCGA-LIHC"
