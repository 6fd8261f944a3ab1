"""What rate functions see: ``x`` and ``p``, with names by attribute and members of axes by index."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..errors import ModelError, nearest


class Indexed(Mapping):
    """Values by index: ``x.hsc["donor"]``, ``x.myelocyte["host"][2]``; a mapping, possibly of mappings."""

    def __init__(self, entries: Mapping[Any, Any]):
        self.entries: Any = entries

    def __getitem__(self, key):
        return self.entries[key]

    def __iter__(self) -> Iterator:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)


class Namespace:
    """What a rate function sees as ``x`` or ``p``: names by attribute, nothing else."""

    def __init__(self, values: Mapping[str, Any]):
        self.__dict__.update(values)


def gather(elements: Mapping[tuple[str, tuple], Any]) -> dict[str, Any]:
    """Turn ``{(name, key): value}`` into nested :class:`Indexed` values by name."""
    tree: dict[str, Any] = {}
    for (name, key), value in elements.items():
        if not key:
            tree[name] = value
            continue
        level = tree.setdefault(name, {})
        for step in key[:-1]:
            level = level.setdefault(step, {})
        level[key[-1]] = value

    def wrap(value):
        return Indexed({k: wrap(v) for k, v in value.items()}) if isinstance(value, dict) else value

    return {name: wrap(value) for name, value in tree.items()}


def put(space: Namespace, name: str, key: tuple, value: Any) -> None:
    """Add one value to what a rate function sees."""
    if not key:
        space.__dict__[name] = value
        return
    level = space.__dict__.setdefault(name, Indexed({}))
    for step in key[:-1]:
        level = level.entries.setdefault(step, Indexed({}))
    level.entries[key[-1]] = value


def in_order(waiting, read, space, known):
    """Yield (element, value) so that each is computed after the ones it reads."""
    waiting = list(waiting)
    while waiting:
        later, values = [], space()
        for element in waiting:
            try:
                yield element, read(element, values)
                values = space()
            except (AttributeError, KeyError) as error:
                missing = getattr(error, "name", None)
                names = {e.declared.name for e in waiting}
                if missing is not None and missing not in names:
                    raise unknown_name(element.name, error, known) from None
                later.append(element)
        if len(later) == len(waiting):
            raise ModelError(f"these need each other in a circle: {', '.join(e.name for e in later)}")
        waiting = later


def unknown_name(where: str, error: AttributeError | KeyError, known) -> ModelError:
    name = getattr(error, "name", None) or str(error)
    hint = nearest(name, [k.partition("[")[0] for k in known])
    return ModelError(
        f"{where}: {name!r} is neither a state, a quantity nor a parameter"
        + (f"; did you mean {hint!r}?" if hint else "")
    )
