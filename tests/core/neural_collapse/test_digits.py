from pathlib import Path

import numpy as np
import pytest

import core.neural_collapse.digits as module
from core.neural_collapse.digits import CLASSES, LARGEST, MAX_PER_CLASS, load_digits, pixels, split_digits

FOLDER = Path(module.__file__).parent


def test_facts_of_the_published_data():
    digits = load_digits()
    assert digits.images.shape == (1797, 8, 8)
    assert digits.images.dtype == np.uint8
    assert (digits.images.min(), digits.images.max()) == (0, LARGEST)
    np.testing.assert_array_equal(np.bincount(digits.labels), [178, 182, 177, 183, 181, 182, 181, 179, 174, 180])
    assert digits.images.sum() == 561_718


def test_first_image_is_a_zero():
    rows = ["005d9100", "00dfaf50", "03f20b80", "04c00880", "05800980", "04b01c70", "02e5ac00", "006da000"]
    expected = [[int(pixel, 17) for pixel in row] for row in rows]
    np.testing.assert_array_equal(load_digits().images[0], expected)
    np.testing.assert_array_equal(load_digits().labels[:10], np.arange(10))


def test_class_means_look_like_their_digits():
    """A 0 is empty in the middle, a 1 is nothing else."""
    images, labels = load_digits().images, load_digits().labels
    zero, one = (images[labels == k].mean(axis=0) for k in (0, 1))
    assert zero[3:5, 3:5].max() < 2.0 < 8.0 < zero[3:5].max()
    assert one[3:5, 3:5].min() > 8.0


def test_data_cannot_be_changed():
    digits = load_digits()
    for array in (digits.images, digits.labels):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_file_is_small_and_says_where_it_is_from():
    assert (FOLDER / "digits.npz").stat().st_size < 60_000
    with np.load(FOLDER / "digits.npz", allow_pickle=False) as archive:
        assert sorted(archive) == ["images", "labels"]
        assert {archive[name].dtype for name in archive} == {np.dtype(np.uint8)}
    note = (FOLDER / "digits.md").read_text(encoding="utf-8")
    for words in (
        "Alpaydin",
        "Kaynak",
        "https://doi.org/10.24432/C50P49",
        "CC BY 4.0",
        "UCI Machine Learning Repository",
    ):
        assert words in note


@pytest.mark.parametrize("per_class", [2, 100, MAX_PER_CLASS])
@pytest.mark.parametrize("seed", [0, 7])
def test_split_is_balanced_disjoint_and_whole(per_class, seed):
    split = split_digits(per_class, seed)
    np.testing.assert_array_equal(load_digits().labels[split.train], np.repeat(np.arange(CLASSES), per_class))
    both = np.concatenate([split.train, split.test])
    np.testing.assert_array_equal(np.sort(both), np.arange(1797))
    assert np.bincount(load_digits().labels[split.test]).min() >= 24


def test_split_is_seeded():
    first, again, other = split_digits(100, 3), split_digits(100, 3), split_digits(100, 4)
    np.testing.assert_array_equal(first.train, again.train)
    np.testing.assert_array_equal(first.test, again.test)
    assert len(np.intersect1d(first.train, other.train)) < 700  # 560 are expected of two independent draws


def test_larger_split_keeps_the_smaller():
    small, large = split_digits(10, 5), split_digits(50, 5)
    assert np.isin(small.train, large.train).all()


def test_pixels_are_scaled_to_one():
    places = np.array([0, 5, 1796])
    rows = pixels(places)
    assert rows.shape == (3, 64)
    np.testing.assert_array_equal(rows.reshape(3, 8, 8) * 16.0, load_digits().images[places])
    assert pixels(np.arange(1797)).max() == 1.0
    mean = rows.mean(axis=0)
    np.testing.assert_allclose(pixels(places, mean).mean(axis=0), 0.0, atol=1e-15)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((1, 0), "per_class must be an integer from 2 to 150, got 1"),
        ((151, 0), "per_class must be an integer from 2 to 150, got 151"),
        ((10.0, 0), "per_class must be"),
        ((10, -1), "seed must be"),
    ],
)
def test_wrong_argument_is_refused_by_name(arguments, words):
    with pytest.raises(ValueError, match=words):
        split_digits(*arguments)
