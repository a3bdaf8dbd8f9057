"""Bio-Rad CFX Manager and CFX Maestro: "Quantification Cq Results" as CSV, XLSX, XLS or XML."""

from labs.formats.cfx.reading import CfxFile, looks_like_cfx, read_cfx

__all__ = ["CfxFile", "looks_like_cfx", "read_cfx"]
