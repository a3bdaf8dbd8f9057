class ExportRefused(Exception):
    """No bundle is made; the sentence says why, in words for whoever asked and without a value of any patient."""


class ExportLost(Exception):
    """Cancelled, or taken over by another worker: whatever was begun is thrown away."""
