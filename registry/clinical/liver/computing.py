"""All three from one set of inputs. Pure: the service stores it, the page shows it before anything is stored."""

from dataclasses import dataclass, field

from registry.clinical.liver.albi import AlbiScore, albi
from registry.clinical.liver.bclc import BclcStage, Tumours, bclc
from registry.clinical.liver.child_pugh import ChildPughScore, child_pugh
from registry.clinical.liver.quantities import Quantity, StagingRefused


@dataclass(frozen=True)
class Measured:
    """One of the three laboratory components; `fact` and `code` say which stored result it is, empty when typed."""

    quantity: Quantity
    fact: str = ""
    code: str = ""


@dataclass(frozen=True)
class Inputs:
    bilirubin: Measured
    albumin: Measured
    clotting: Measured
    ascites: str
    encephalopathy: str
    ecog: int | None = None
    tumours: Tumours = field(default_factory=Tumours)
    # Only BCLC takes it: a class that was decided instead of the computed one.
    child_pugh_override: str = ""


@dataclass(frozen=True)
class Computed:
    child_pugh: ChildPughScore
    albi: AlbiScore | None
    albi_missing: str
    bclc: BclcStage | None
    bclc_missing: str


def compute(inputs: Inputs) -> Computed:
    """Child–Pugh, and ALBI and BCLC where their inputs suffice; where not, the sentence that says what is missing.

    Raises
    ------
    StagingRefused
        When Child–Pugh cannot be computed.
    """
    bilirubin, albumin = inputs.bilirubin.quantity, inputs.albumin.quantity
    pugh = child_pugh(
        bilirubin=bilirubin,
        albumin=albumin,
        clotting=inputs.clotting.quantity,
        ascites=inputs.ascites,
        encephalopathy=inputs.encephalopathy,
    )
    score: AlbiScore | None = None
    stage: BclcStage | None = None
    albi_missing = bclc_missing = ""
    try:
        score = albi(bilirubin, albumin)
    except StagingRefused as refused:
        albi_missing = str(refused)
    try:
        stage = bclc(inputs.tumours, ecog=inputs.ecog, child_pugh=inputs.child_pugh_override or pugh.letter)
    except StagingRefused as refused:
        bclc_missing = str(refused)
    return Computed(pugh, score, albi_missing, stage, bclc_missing)


def as_rows(inputs: Inputs) -> list[dict[str, object]]:
    """The inputs as they are stored beside the result."""
    measured = (("bilirubin", inputs.bilirubin), ("albumin", inputs.albumin), ("clotting", inputs.clotting))
    rows: list[dict[str, object]] = [
        {
            "name": name,
            "value": each.quantity.value,
            "unit": each.quantity.unit,
            "comparator": each.quantity.comparator,
            "fact": each.fact,
            "code": each.code,
        }
        for name, each in measured
    ]
    tumours = inputs.tumours
    clinical = {
        "ascites": inputs.ascites,
        "encephalopathy": inputs.encephalopathy,
        "ecog": inputs.ecog,
        "tumour_count": tumours.count,
        "tumour_size_cm": tumours.largest_cm,
        "vascular_invasion": tumours.vascular_invasion,
        "extrahepatic_spread": tumours.extrahepatic_spread,
    }
    return rows + [{"name": name, "value": value} for name, value in clinical.items()]
