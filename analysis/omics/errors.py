"""What an omics method says of input that it cannot use."""


class OmicsInputError(ValueError):
    """One sentence that names the gene, sample or column."""
