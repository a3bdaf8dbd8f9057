"""A tool that is not there: a failure where everything is promised to be there, elsewhere a skip that says why."""

import os
from typing import NoReturn

import pytest


def absent(reason: str) -> NoReturn:
    if os.environ.get("HEPATICA_REQUIRE_SHARED") == "1" or os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
