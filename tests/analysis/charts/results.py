"""Small results of the shapes that the kinds store, made by hand."""

from typing import Any


def group(name: str, times: list[float], survival: list[float], **changes: Any) -> dict[str, Any]:
    n = len(times)
    curve = {
        "time": times,
        "survival": survival,
        "low": [max(0.0, share - 0.2) for share in survival],
        "high": [min(1.0, share + 0.2) for share in survival],
        "n_risk": list(range(n, 0, -1)),
        "n_event": [1] * (n - 1) + [0],
        "n_censor": [0] * (n - 1) + [1],
    }
    return {
        "name": name,
        "n": n,
        "events": n - 1,
        "median": 19.0,
        "median_low": 12.0,
        "median_high": None,
        "curve": curve,
        **changes,
    }


def survival(*groups: dict[str, Any], **changes: Any) -> dict[str, Any]:
    chosen = groups or (
        group("High", [6, 19, 30, 40], [0.75, 0.5, 0.25, 0.25]),
        group("Low", [12, 24, 38.5, 60], [0.9, 0.7, 0.5, 0.5], median=38.5),
    )
    rows = [
        {"name": each["name"], "n_risk": [713, 402, 11], "events": [0, 208, 599], "censored": [0, 103, 103]}
        for each in chosen
    ]
    return {
        "n": 8,
        "events": 6,
        "dropped": {},
        "time_unit": "months",
        "label": "S100A11",
        "unit": "",
        "endpoint": "Progression-free survival",
        "groups": list(chosen),
        "risk_table": {"times": [0, 24, 48], "rows": rows},
        "logrank": {"chi2": 7.947, "df": 1, "p": 0.0048},
        "hr": {"hr": 1.61, "low": 1.15, "high": 2.24, "p": 0.005, "reference": "Low", "compared": "High"},
        "cutoff": {"value": 4, "operator": ">", "method": "registered", "status": "registered"},
        "refused": None,
        **changes,
    }


def marker(label: str = "IL-6", **changes: Any) -> dict[str, Any]:
    return {
        "name": label.lower(),
        "label": label,
        "unit": "pg/mL",
        "n": 64,
        "n_cases": 27,
        "n_controls": 37,
        "auc": 0.711,
        "low": 0.58,
        "high": 0.84,
        "direction": "<",
        "curve": {
            "threshold": [80.0, 48.56, 20.0, 5.0],
            "sensitivity": [0.1, 0.4, 0.8, 1.0],
            "specificity": [1.0, 0.95, 0.5, 0.0],
        },
        "points": [
            {"kind": "youden", "threshold": 48.56, "sensitivity": 0.4, "specificity": 0.95, "ppv": 0.85, "npv": 0.7,
             "warning": "The cutoff lies outside both group means."},
        ],
        "group_means": {"cases": 47.84, "controls": 18.14},
        **changes,
    }  # fmt: skip


def roc(*markers: dict[str, Any]) -> dict[str, Any]:
    return {"outcome": "response", "positive": "non-response", "markers": list(markers or [marker()])}
