"""Hosted replicas of the app, once for the tests of a file."""

from collections.abc import Iterator

import pytest

from tests.deploy import dockerfile
from tests.deploy.cluster import Cluster, Replica, cluster_in


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Two replicas with nginx before them."""
    with cluster_in(tmp_path_factory.mktemp("cluster")) as hosted:
        yield hosted


@pytest.fixture(scope="module")
def replica(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replica]:
    """A replica that has what the image has, and nothing else of the repository."""
    root = tmp_path_factory.mktemp("image")
    dockerfile.fill(root)
    with Replica(root / "log.txt", root).running() as running:
        yield running
