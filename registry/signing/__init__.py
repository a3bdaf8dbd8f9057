"""Electronic signatures: the password once more, what it means, and the digest of exactly what was signed."""
