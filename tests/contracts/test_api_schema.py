"""Walks the description of the interface: every operation is described, guarded, and never falls over what is sent."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as budget
from hypothesis import strategies as st

from registry.people.matrix import Address, addresses
from registry.people.roles import Role
from tests.contracts.world import World
from tests.registry.api.asking import in_error_shape
from tests.registry.people import client_of, person

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
# They describe or draw the interface itself.
UNDESCRIBED = {"/api/v1/schema/", "/api/v1/docs/"}
# Asking for them is all there is to say.
SAY_NOTHING = ("/rerun/", "/cancel/", "/reexecute/", "/undo/", "/third-read/")


@dataclass(frozen=True)
class Operation:
    path: str
    method: str
    takes: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@cache
def description() -> dict[str, Any]:
    return dict(SchemaGenerator().get_schema(public=True))  # type: ignore[no-untyped-call]  # untyped library


def operations() -> Iterator[Operation]:
    for path, methods in description()["paths"].items():
        for method, told in methods.items():
            content = told.get("requestBody", {}).get("content", {}).get("application/json", {})
            yield Operation(path, method.upper(), content.get("schema", {}).get("$ref", "").rsplit("/", 1)[-1])


def urls(world: World) -> dict[str, str]:
    """For each described path an address that leads to something."""
    found = {}
    for address in api_addresses():
        url = address.pattern
        for name, value in world.arguments(address).items():
            url = re.sub(rf"<(?:\w+:)?{name}>", str(value), url)
        found[as_described(address)] = url
    return found


def as_described(address: Address) -> str:
    """The number of a row is called there as it is in the answers."""
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", address.pattern).replace("{pk}", "{id}")


def api_addresses() -> list[Address]:
    return [address for address in addresses() if address.pattern.startswith("/api/")]


def send(client: Client, operation: Operation, url: str, body: str = "{}") -> Any:
    return client.generic(operation.method, url, body, "application/json")


def test_the_description_is_valid_and_complete() -> None:
    validate_schema(description())  # type: ignore[no-untyped-call]  # untyped library
    described = set(description()["paths"])
    offered = {as_described(address) for address in api_addresses()}
    assert offered - UNDESCRIBED == described
    for operation in operations():
        told = description()["paths"][operation.path][operation.method.lower()]
        assert told["summary"], operation
        assert {"401", "403", "404"} <= set(told["responses"]), operation
        assert "\n  " not in told.get("description", ""), "drawn as code"
        says = "requestBody" in told
        assert operation.method == "GET" or says or operation.path.endswith(SAY_NOTHING), operation
    ids = [told["operationId"] for methods in description()["paths"].values() for told in methods.values()]
    assert len(ids) == len(set(ids))


def test_whoever_has_no_right_is_told_so_in_one_shape(world: World) -> None:
    nobody, known = client_of(person(username="without-a-role")), urls(world)
    for operation in operations():
        assert send(nobody, operation, known[operation.path]).status_code == 403, operation
        answer = send(Client(), operation, known[operation.path])
        assert answer.status_code == 401, operation
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        in_error_shape(answer)


def test_an_address_that_is_none_answers_in_the_same_shape(world: World) -> None:
    answer = client_of(person(*Role, username="all")).get("/api/v1/nothing/")
    assert answer.status_code == 404
    assert in_error_shape(answer)["code"] == "not_found"


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**25), 10**25)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
    | st.sampled_from(["", "2022-02-30", "9999-12-31", "\x00", "P-001", "S-000", "FAP", "nan", "1e400", "-0"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


def bodies(name: str) -> st.SearchStrategy[Any]:
    """The names that the operation knows, with values that may or may not be of their types."""
    properties = description()["components"]["schemas"][name]["properties"]
    fields = {field: JSON | of_type(schema) for field, schema in properties.items()}
    return st.fixed_dictionaries({}, optional=fields) | JSON


def of_type(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if schema.get("format") == "date":
        return st.dates().map(str)
    simple: dict[str, st.SearchStrategy[Any]] = {
        "boolean": st.booleans(),
        "integer": st.integers(-1, 40),
        "number": st.floats(-1e9, 1e9),
        "string": st.text(max_size=8) | st.sampled_from(["S-000", "T-000", "resection", "FAP", "ALB", "HEB"]),
    }
    return simple.get(schema.get("type", ""), JSON)


def test_nothing_that_is_sent_makes_it_fall(world: World) -> None:
    client, known = client_of(person(*Role, username="all")), urls(world)
    writes = [operation for operation in operations() if operation.takes]

    @seed(1)
    @budget(
        max_examples=400,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def sends(data: st.DataObject) -> None:
        operation = data.draw(st.sampled_from(writes))
        body = json.dumps(data.draw(bodies(operation.takes)))
        answer = send(client, operation, known[operation.path], body)
        assert answer.status_code < 500, (operation, body)
        if answer.status_code >= 400:
            in_error_shape(answer)

    sends()


NO_JSON = ["", "{", "[]", "null", "\x00", '{"version": NaN}', '{"comment": "\\ud83d"}']
QUESTIONS = ["page=x", "page=99999999999999999999", "ordering=%00", "cohort=%00", "a[]=1", "=", "%"]


def test_what_is_no_entry_is_refused(world: World) -> None:
    client, known = client_of(person(*Role, username="all")), urls(world)
    for operation in operations():
        for body in NO_JSON if operation.takes else ():
            answer = send(client, operation, known[operation.path], body)
            assert answer.status_code in (200, 201, 400, 404), (operation, body, answer.content)


def test_no_question_makes_it_fall(world: World) -> None:
    client, known = client_of(person(*Role, username="all")), urls(world)
    for operation in operations():
        for query in QUESTIONS if operation.method == "GET" else ():
            assert client.get(f"{known[operation.path]}?{query}").status_code in (200, 400, 404), (operation, query)


def test_numbers_beyond_any_row_and_hidden_characters_are_wrong_addresses(world: World) -> None:
    client = client_of(person(*Role, username="all"))
    for path in ("treatments/99999999999999999999/", "patients/%00/", "specimens/0/", "cohorts/no-such/"):
        answer = client.get(f"/api/v1/{path}")
        assert answer.status_code == 404
        in_error_shape(answer)
