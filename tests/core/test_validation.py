import numpy as np
import pytest

from core.validation import check_choice, check_flag, check_integer, check_number


@pytest.mark.parametrize("value", [1, 3, 5])
def test_integers_in_range(value):
    check_integer("k", value, 1, 5)


@pytest.mark.parametrize("value", [0, 6, 2.0, True, "2", None, float("nan")])
def test_other_integers_are_refused(value):
    with pytest.raises(ValueError, match=r"^k must be an integer from 1 to 5, got "):
        check_integer("k", value, 1, 5)


@pytest.mark.parametrize("value", [0, 0.5, 1.0, np.float64(0.3)])
def test_numbers_in_range(value):
    check_number("x", value, 0.0, 1.0)


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan"), float("inf"), True, "0.5", None])
def test_other_numbers_are_refused(value):
    with pytest.raises(ValueError, match=r"^x must be a number from 0 to 1, got "):
        check_number("x", value, 0.0, 1.0)


def test_choice():
    check_choice("flow", "plain", ("plain", "normalized"))
    with pytest.raises(ValueError, match=r"^flow must be one of plain, normalized, got 'fast'$"):
        check_choice("flow", "fast", ("plain", "normalized"))


@pytest.mark.parametrize("value", [0, 1, None, "True", np.True_])
def test_flags_are_true_or_false(value):
    check_flag("bias", True)
    check_flag("bias", False)
    with pytest.raises(ValueError, match=r"^bias must be True or False, got "):
        check_flag("bias", value)
