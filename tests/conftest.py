import gc
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.db import connection
from django.test import override_settings

from tests.services.runs_beside import MADE_FROM_ROWS, OF_THE_FIRST, starts_runs_beside

pytest_plugins = [
    "tests.shared_folders",
    "tests.services.postgres",
    "tests.services.runs_beside",
    "tests.services.databases",
    "tests.services.stack",
    "tests.services.browser",
    "tests.services.r",
    "tests.registry.fixtures",
    "tests.analysis.fixtures",
    "tests.labs.rounds.pictures",
]


@pytest.fixture(autouse=True)
def frames_see_the_tests_own_transaction(request: pytest.FixtureRequest) -> Iterator[None]:
    """A second connection would not see what a test has not committed; tests with real processes use the real one."""
    if not uses_database(request.node):
        yield
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("analysis.engine.execution.SNAPSHOT", "default")
        yield


@pytest.fixture(scope="session", autouse=True)
def clients_need_no_static_files() -> Iterator[None]:
    """Every test client loads the middleware anew, and WhiteNoise would look through all static files each time."""
    needed = [name for name in settings.MIDDLEWARE if not name.startswith("whitenoise.")]
    with override_settings(MIDDLEWARE=needed):
        yield


@pytest.fixture(scope="session", autouse=True)
def nobody_misses_scheduler_and_workers() -> Iterator[None]:
    """A test database has neither; after two intervals every page would say so."""
    with override_settings(SWEEP_SECONDS=24 * 3600):
        yield


@pytest.fixture(scope="session", autouse=True)
def data_sets_are_stored_apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with override_settings(DATASETS_ROOT=tmp_path_factory.mktemp("datasets")):
        yield


@pytest.fixture(scope="session", autouse=True)
def passwords_are_hashed_quickly() -> Iterator[None]:
    """The real hash takes half a second on purpose; processes that a test starts have the real one."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--only-database", action="store_true", help="only the tests that use the test database")
    parser.addoption("--with-arithmetic", action="store_true", help="with --only-database: those without one as well")
    parser.addoption("--where-databases-differ", action="store_true", help="not what is the same on each database")


@pytest.hookimpl(trylast=True)  # after -m and -k
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--only-database"):
        wanted = _computes_or_stores if config.getoption("--with-arithmetic") else uses_database
        _keep(config, items, wanted)
    if config.getoption("--where-databases-differ"):
        _keep(config, items, lambda item: not (is_same_on_each(item) and uses_database(item)))
    if starts_runs_beside(items):
        _keep(config, items, belongs_to_the_first_run)


def pytest_collection_finish() -> None:
    """What is loaded by now stays: looking through it for garbage, over and over, is a tenth of a run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)


def _keep(config: pytest.Config, items: list[pytest.Item], is_wanted: Callable[[pytest.Item], bool]) -> None:
    others = [item for item in items if not is_wanted(item)]
    items[:] = [item for item in items if is_wanted(item)]
    config.hook.pytest_deselected(items=others)


def belongs_to_the_first_run(item: pytest.Item) -> bool:
    """What has a browser or processes, and what compares values with files of others or asks the house itself."""
    return not _computes_or_stores(item) or any(item.get_closest_marker(mark) for mark in OF_THE_FIRST)


def _computes_or_stores(item: pytest.Item) -> bool:
    return uses_database(item) or _app_of(item) in ("analysis", "labs", "registry")


def _app_of(item: pytest.Item) -> str:
    return _folders_of(item)[1]


def _folders_of(item: pytest.Item) -> tuple[str, ...]:
    return item.path.relative_to(item.config.rootpath).parts


def is_same_on_each(item: pytest.Item) -> bool:
    """Of single pages and of REST, or made from rows that other tests read on each."""
    return bool(({"pages", "api"} | MADE_FROM_ROWS) & set(_folders_of(item))) or item.path.stem.endswith("_pages")


def uses_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    return bool(fixtures & {"db", "transactional_db"}) or item.get_closest_marker("django_db") is not None


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("postgres") and connection.vendor != "postgresql":
        pytest.skip("asks for DATABASE_URL=postgresql://…; tests/services/test_runs_beside.py runs it so")
