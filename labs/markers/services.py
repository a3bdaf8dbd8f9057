from collections.abc import Sequence
from datetime import date
from typing import Any

from labs.markers.models import Antibody, Marker, Stain
from labs.specimens.models import Specimen
from registry.log.actors import Actor
from registry.log.facts import create, create_many, put, retire, update


def marker_set(*, code: str, name: str, scale: str, unit: str = "", by: Actor, reason: str = "") -> Marker:
    values = {"name": name, "scale": scale, "unit": unit}
    return put(Marker, key={"code": code}, values=values, by=by, reason=reason)


def antibody_set(
    *,
    marker: Marker,
    method: str,
    vendor: str,
    dilution: str,
    clone: str = "",
    lot: str = "",
    by: Actor,
    reason: str = "",
) -> Antibody:
    """All of an antibody is its key: another lot or dilution is another antibody."""
    key = {
        "marker": marker,
        "method": method,
        "vendor": vendor,
        "dilution": dilution,
        "clone": clone,
        "lot": lot,
    }
    return put(Antibody, key=key, values={}, by=by, reason=reason)


def stain_create(
    *,
    specimen: Specimen,
    marker: Marker,
    antibody: Antibody | None = None,
    stained_on: date | None = None,
    by: Actor,
    reason: str = "",
) -> Stain:
    stain = Stain(specimen=specimen, marker=marker, antibody=antibody, stained_on=stained_on)
    return create(stain, by=by, reason=reason)


def stains_create(*, pairs: Sequence[tuple[Specimen, Marker]], by: Actor, reason: str = "") -> list[Stain]:
    """Many new stains at once, without antibody and date."""
    stains = [Stain(specimen=specimen, marker=marker) for specimen, marker in pairs]
    return create_many(stains, by=by, reason=reason)


def stain_correct(*, stain: Stain, changes: dict[str, Any], expected_version: int, by: Actor, reason: str) -> Stain:
    return update(stain, changes, expected_version=expected_version, by=by, reason=reason)


def stain_retire(*, stain: Stain, expected_version: int, by: Actor, reason: str) -> Stain:
    return retire(stain, expected_version=expected_version, by=by, reason=reason)
