"""Numbers of a run as tables."""

import pandas as pd

from core.arrays import Array
from core.gradient_flow import FlowResult


def over_time(result: FlowResult, name: str, columns: Array) -> pd.DataFrame:
    """Columns over the time grid, numbered from 1."""
    numbered = {f"{name}_{i + 1}": column for i, column in enumerate(columns.T)}
    return pd.DataFrame({"log10_time": result.log10_time, "log10_loss": result.log10_loss, **numbered})
