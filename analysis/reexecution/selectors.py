from analysis.reexecution.models import Verification


def last_verification() -> Verification | None:
    """The newest pass over the present results of every cohort: what the status page tells."""
    return Verification.objects.filter(cohort_code="").first()
