"""How a variable is called in a paper."""

from analysis.frames.variables import VariableNameError, parse
from labs.models import Analyte
from registry.models import Baseline, Cohort, ExtraVariable

_METHODS = {"ihc": "IHC", "blot": "Western blot", "qpcr": "qPCR"}


def called(cohort: Cohort, name: str) -> str:
    """FAP (IHC, tumour); AFP (ng/mL); what nobody has named stays as it is written."""
    try:
        variable = parse(name)
    except VariableNameError:
        return name
    if variable.source in _METHODS:
        return f"{variable.code} ({_METHODS[variable.source]}, {variable.specimen})"
    if variable.source == "baseline":
        fields = {field.name: field for field in Baseline._meta.concrete_fields}
        return str(fields[variable.code].verbose_name) if variable.code in fields else variable.code
    if variable.source == "extra":
        found = ExtraVariable.objects.filter(cohort=cohort, code=variable.code, retired_reason="").first()
        return found.label if found else variable.code
    analyte = Analyte.objects.filter(code=variable.code).first()
    return analyte.name if analyte else variable.code
