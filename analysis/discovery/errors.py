"""What a discovery run says of a configuration or a file that makes no sense."""


class DiscoveryError(ValueError):
    """One sentence that names the place in the configuration, or the file."""
