"""Which of many depths are drawn."""

_SHOWN = (1, 2, 3, 4, 5, 6, 10, 20, 50)


def shown_depths(depth: int) -> tuple[int, ...]:
    """The first six depths, then 10, 20 and 50, up to a depth, and that one."""
    return tuple(sorted({l for l in _SHOWN if l <= depth} | {depth}))  # noqa: E741  the field's letter
