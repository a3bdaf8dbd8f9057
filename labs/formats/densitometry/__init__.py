"""Densitometry of Western blots: bands by lane, targets with loading controls, and templates without a result."""
