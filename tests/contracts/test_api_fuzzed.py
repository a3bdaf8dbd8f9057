"""Every operation as its description allows and forbids it, through the WSGI application: nothing falls over.

With `make soak` only: what `make test` sends is in test_api_schema.py.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as budget
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import content_type_conformance, status_code_conformance

from registry.people.roles import Role
from tests.contracts.test_api_schema import api_addresses, as_described
from tests.contracts.world import World
from tests.registry.api.asking import program_of
from tests.registry.people import person

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.soak]
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance]


@pytest.fixture
def requests_share_the_connection() -> Iterator[None]:
    """As those of Django's own test client do: what the test wrote is not committed."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.usefixtures("requests_share_the_connection")
def test_no_operation_falls_over_what_its_description_makes(world: World, scale: int) -> None:
    if scale == 1:
        pytest.skip("with make soak only: some minutes")
    secret = program_of(person(*Role, username="all")).secret
    bearer = {"Authorization": f"Bearer {secret}"}
    described = schemathesis.openapi.from_wsgi("/api/v1/schema/?format=json", get_wsgi_application(), headers=bearer)
    known = {as_described(address): world.arguments(address) for address in api_addresses()}
    fallen = []
    for found in described.get_all_operations():
        assert isinstance(found, Ok), found
        operation = found.ok()

        @seed(1)
        @budget(
            max_examples=max(1, scale // 10),
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(), is_known=st.booleans())
        def sends(case: schemathesis.Case[Any], is_known: bool) -> None:
            if is_known:
                # A made-up number leads nowhere: half of the requests are about what is there.
                given_names = re.findall(r"{(\w+)}", case.path)
                values = known[case.path]
                case.path_parameters = {name: values["pk" if name == "id" else name] for name in given_names}
            answer = case.call(headers=bearer)
            case.validate_response(answer, checks=CHECKS, headers=bearer)

        try:
            sends()
        except (Exception, FailureGroup) as failure:  # all are told of at once
            fallen.append(f"{operation.label}: {failure}"[:900])
    assert not fallen, "\n\n".join(fallen)
