"""Star imports: what ``from module import *`` binds, read from the module's source where it is installed."""

import ast
import sys
from collections.abc import Collection
from functools import lru_cache
from importlib.machinery import PathFinder
from importlib.util import find_spec
from pathlib import Path

from perijove.notebook.bindings import names_of


def names_of_star(node: ast.ImportFrom) -> Collection[str] | None:
    """The names that a star import binds; None when that can't be known without running the module."""
    return _names(node.module) if node.module and not node.level else None


@lru_cache(maxsize=64)
def _names(module: str) -> frozenset[str] | None:
    loaded = sys.modules.get(module)
    if loaded is not None:
        return frozenset(getattr(loaded, "__all__", [name for name in vars(loaded) if not name.startswith("_")]))
    source, package = _source(module)
    if source is None:
        return _imported(module)
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return None
    return _static(tree, module, package=package)


def _source(module: str) -> tuple[str | None, bool]:
    """A module's source, and whether it is a package."""
    parts = module.split(".")
    path: list[str] | None = None
    spec = None
    for place in range(len(parts)):
        spec = PathFinder.find_spec(".".join(parts[: place + 1]), path)
        if spec is None:
            return None, False
        path = list(spec.submodule_search_locations or [])
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        return None, False
    return Path(spec.origin).read_text(encoding="utf-8", errors="replace"), spec.submodule_search_locations is not None


def _imported(module: str) -> frozenset[str] | None:
    """A compiled module of the standard library may be imported to look; any other may do anything."""
    if module.partition(".")[0] not in sys.stdlib_module_names or find_spec(module) is None:
        return None
    return frozenset(name for name in dir(__import__(module, fromlist=["*"])) if not name.startswith("_"))


def _static(tree: ast.Module, module: str, *, package: bool) -> frozenset[str] | None:
    bound: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
            inner = _absolute(node, module, package=package)
            names = _names(inner) if inner else None
            if names is None:
                return None
            bound |= names
    for node in tree.body:
        bound |= names_of(node).binds.keys()
        if isinstance(node, ast.Assign) and any(getattr(t, "id", "") == "__all__" for t in node.targets):
            try:
                return frozenset(ast.literal_eval(node.value))
            except (ValueError, TypeError):
                return None
    return frozenset(name for name in bound if not name.startswith("_"))


def _absolute(node: ast.ImportFrom, module: str, *, package: bool) -> str | None:
    """The module that an import in ``module`` names, relative ones resolved."""
    if not node.level:
        return node.module
    parts = module.split(".")
    kept = parts[: len(parts) - node.level + package]
    return ".".join([*kept, node.module] if node.module else kept) or None
