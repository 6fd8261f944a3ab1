"""A mapping whose values are made when they are asked for: of many names, few are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any


class Lazy(Mapping[str, Any]):
    """Values by name, each made once, when it is first asked for."""

    def __init__(self, names: Iterable[str], make: Callable[[str], Any]):
        self.names, self.make = dict.fromkeys(names), make
        self.made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self.made:
            if name not in self.names:
                raise KeyError(name)
            self.made[name] = self.make(name)
        return self.made[name]

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)
