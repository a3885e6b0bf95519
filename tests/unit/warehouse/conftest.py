from collections.abc import Iterator

import pytest
from tests.unit.warehouse.made import Loader

from omotenashi.warehouse.schema import TABLES
from omotenashi.warehouse.store import Store, open_store


@pytest.fixture(scope="module")  # a process has one warehouse open at a time
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = open_store(tmp_path_factory.mktemp("warehouse"))
    yield store
    store.close()


@pytest.fixture
def store(opened: Store) -> Store:
    """An empty warehouse."""
    for table in TABLES:
        opened.run(f"TRUNCATE TABLE {table}")
    return opened


@pytest.fixture
def loader(store: Store) -> Loader:
    return Loader(store)
