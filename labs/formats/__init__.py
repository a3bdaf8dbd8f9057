"""Instrument files, bytes in and dataclasses out. Nothing here knows Django or the database."""
