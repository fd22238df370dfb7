"""What the sections of problem 2 show: everything that is plotted or claimed."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from core.claims import Claim

R = TypeVar("R", covariant=True)


@dataclass(frozen=True, slots=True, eq=False)
class Study(Generic[R]):
    """The result of a section, and the claims held against it."""

    result: R
    claims: tuple[Claim, ...]
