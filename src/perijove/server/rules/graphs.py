"""How a run's tasks and subflows hang together, from the inputs that each of them names."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from perijove.schemas.graphs import Edge, Node

AROUND = "__parents__"
"""The input under which a task names the tasks that it is called in."""


def connect(nodes: Iterable[tuple[Node, dict[str, Any]]]) -> list[Node]:
    """The nodes, the first to start first, with their edges: each comes with its run's inputs."""
    ordered = sorted(nodes, key=lambda pair: _begin(pair[0]))
    known = {node.id: node for node, _ in ordered}
    for node, inputs in ordered:
        node.encapsulating = _edges(_named(inputs.get(AROUND, ())), known)
        node.parents = _edges(_needed(inputs), known)
        for parent in node.parents:
            known[parent.id].children.append(Edge(id=node.id))
    return [node for node, _ in ordered]


def changed(nodes: Iterable[Node], since: datetime | None) -> list[Node]:
    """Those that may have changed since."""
    return [node for node in nodes if since is None or node.end_time is None or node.end_time >= since]


def _begin(node: Node) -> tuple[datetime, bool, datetime]:
    """What is under way comes before what ended."""
    return node.start_time, node.end_time is not None, node.end_time or node.start_time


def _edges(ids: Iterable[UUID], known: dict[UUID, Node]) -> list[Edge]:
    """To those of the nodes that are known, each once, the first to start first."""
    there = dict.fromkeys(one for one in ids if one in known)
    return [Edge(id=one) for one in sorted(there, key=lambda one: _begin(known[one]))]


def _needed(inputs: dict[str, Any]) -> Iterator[UUID]:
    for name, taken in inputs.items():
        if name != AROUND:
            yield from _named(taken)


def _named(taken: Collection[Any]) -> Iterator[UUID]:
    """The runs among what an input takes; what else there is (constants, parameters) has no id."""
    for one in taken:
        if isinstance(one, dict) and one.get("id"):
            yield UUID(str(one["id"]))
