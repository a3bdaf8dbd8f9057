"""A claim as a line of text, for commands and reports of files."""

from analysis.headline.claims import Claim
from analysis.kinds.wording import p_text


def sentence(claim: Claim) -> str:
    value = "" if claim.value is None else p_text(claim.value) if claim.name.endswith("_p") else f"{claim.value:.6g}"
    has_limits = claim.low is not None or claim.high is not None
    limits = f" (95% CI {_limit(claim.low)} to {_limit(claim.high)})" if has_limits else ""
    value = value or ("not reached" if has_limits else "")
    unit = f" {claim.unit}" if claim.unit and value else ""
    verdict = f"; {claim.verdict}" if claim.verdict else ""
    return f"{claim.label}: {value}{unit}{limits}{verdict}"


def _limit(value: float | None) -> str:
    return "?" if value is None else f"{value:.4g}"
