"""RDML 1.0 to 1.4, the exchange format of real-time PCR (rdml.org): a zip with one XML in it."""

from labs.formats.rdml.reading import RdmlFile, RdmlRun, looks_like_rdml, read_rdml

__all__ = ["RdmlFile", "RdmlRun", "looks_like_rdml", "read_rdml"]
