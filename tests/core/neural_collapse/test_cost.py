"""What an upload will cost, known before it is read."""

import io

import numpy as np

from core.neural_collapse.cost import expected_seconds
from core.neural_collapse.example import example_file


def archive(rows, columns):
    file = io.BytesIO()
    np.savez_compressed(file, features=np.zeros((rows, columns), np.float16), labels=np.arange(rows) % 5)
    return file.getvalue()


def test_an_archive_costs_what_it_unpacks_to():
    small, large = archive(100, 10), archive(2000, 4000)
    assert len(large) < 200_000
    assert expected_seconds(small) < 1.1
    assert expected_seconds(large) > 30.0


def test_the_example_is_quick():
    assert 1.0 < expected_seconds(example_file()) < 5.0


def test_a_table_costs_by_its_length_and_nothing_costs_more_than_the_most():
    assert expected_seconds(b"1,2,a\n" * 1000) < 1.1 < expected_seconds(b"1,2,a\n" * 100_000)
    assert expected_seconds(b"1,2,a\n" * 10_000_000) == expected_seconds(b"1" * 50_000_000)


def test_a_damaged_archive_costs_nothing():
    assert expected_seconds(b"PK\x03\x04 and no more") < 1.1
