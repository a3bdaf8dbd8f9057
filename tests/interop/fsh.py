"""The little of FHIR Shorthand that says what a profile is called and what it demands."""

import re
from dataclasses import dataclass, field

_HEAD = re.compile(r"(Profile|Parent|Id|Instance|Mapping|Extension|Invariant|ValueSet|CodeSystem):\s*(\S+)")
_SYSTEM = re.compile(r'system = "([^"]+)"')
_DEMAND = re.compile(r"\* ([A-Za-z][\w.]*(?:\[x\])?) ([1-9]\d*)\.\.(?:\d+|\*)")


@dataclass
class Shorthand:
    profiles: list[str] = field(default_factory=list)
    parents: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    instances: list[str] = field(default_factory=list)
    identifier_systems: list[str] = field(default_factory=list)
    required: list[str] = field(default_factory=list)


def read_shorthand(text: str) -> Shorthand:
    found = Shorthand()
    named = {"Profile": found.profiles, "Parent": found.parents, "Id": found.ids, "Instance": found.instances}
    systems, required, inside = set(), set(), ""
    for line in text.splitlines():
        if head := _HEAD.match(line):
            inside = head[1] if head[1] not in ("Id", "Parent") else inside
            named.get(head[1], []).append(head[2])
        systems |= set(_SYSTEM.findall(line))
        if inside == "Profile" and (demand := _DEMAND.match(line.strip())):
            required.add(demand[1])
    found.identifier_systems, found.required = sorted(systems), sorted(required)
    return found
