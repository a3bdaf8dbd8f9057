"""FHIR R4 as dictionaries: what a resource says, how ours are written, what a search asks. No database."""
