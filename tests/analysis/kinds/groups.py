"""A cohort's frame with a response, a marker, categories and blanks, made by hand."""

from typing import Any

from analysis.frames.frame import Frame

FAP, AGE, SEX, ECOG, MVI = "ihc:FAP@tumour", "baseline:age", "baseline:sex", "baseline:ecog", "baseline:mvi"
COLUMNS: dict[str, dict[str, Any]] = {
    FAP: {"label": "FAP", "unit": "score"},
    AGE: {"label": "age (years)", "unit": ""},
    SEX: {"label": "sex", "unit": "", "levels": {"m": "male", "f": "female"}},
    ECOG: {"label": "ECOG", "unit": ""},
    MVI: {"label": "microvascular invasion", "unit": ""},
}
# Normal scores: as normal as a sample can be.
BELL = [-1.5, -1.0, -0.7, -0.4, -0.1, 0.1, 0.4, 0.7, 1.0, 1.5]


def cohort_frame(patients: int = 40, **constants: Any) -> Frame:
    """Responders are five years younger and their FAP is low; the last patient has no age."""
    rows = [
        {
            "patient": f"P{i:03d}",
            "responder": i % 2 == 0,
            FAP: 2.0 if i % 2 == 0 else 9.0 if i % 3 else 4.0,
            AGE: None if i == patients - 1 else 60 + 10 * BELL[i // 2 % 10] + 5 * (i % 2),
            SEX: "mf"[i % 4 == 3],
            ECOG: i % 3,
            MVI: i % 5 == 0,
        }
        for i in range(patients)
    ]
    left_out = [{"patient": "X1", "reason": "no response"}]
    return Frame(rows, left_out=left_out, columns=COLUMNS, constants=constants)
