"""Print throughput through nginx against a replica directly: ``python -m tests.deploy [visitors [seconds]]``."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.deploy.cluster import cluster_in
from tests.deploy.throughput import file_throughput, run_throughput, visitors_of


def main(number: int = 16, seconds: float = 5.0) -> None:
    """Print the table."""
    with TemporaryDirectory() as folder, cluster_in(Path(folder)) as cluster:
        first, second = cluster.replicas
        some = visitors_of(cluster, first.port, number)
        both = [*some[::2], *visitors_of(cluster, second.port, number // 2)]
        ways = {
            "one replica, directly": (first.url, some),
            "one replica, through nginx": (cluster.url, some),
            "two replicas, through nginx": (cluster.url, both),
        }
        print(f"{number} visitors without a pause, {seconds:g} s each: rate, median, 95 %")  # noqa: T201
        for name, (url, visitors) in ways.items():
            print(f"  runs of a page, {name:28}", run_throughput(url, visitors, seconds), flush=True)  # noqa: T201
        for name, (url, visitors) in ways.items():
            print(f"  files, {name:37}", file_throughput(url, visitors, seconds), flush=True)  # noqa: T201


if __name__ == "__main__":
    main(*(kind(text) for kind, text in zip((int, float), sys.argv[1:], strict=False)))
