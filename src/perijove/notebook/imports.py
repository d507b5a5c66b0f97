"""The import block: what kept import statements bring in, merged and sorted as formatters sort it."""

import ast
import sys
from collections.abc import Collection, Iterable
from dataclasses import dataclass

_WIDTH = 88
_STARS = 1


@dataclass(frozen=True, slots=True)
class Import:
    """One imported name: ``import module as alias``, or ``from module import name as alias``."""

    module: str
    name: str | None
    alias: str | None

    @property
    def binds(self) -> str:
        """The name it binds."""
        return self.alias or self.name or self.module.partition(".")[0]

    @property
    def top(self) -> str:
        """The top-level package, or ``.`` for a relative import."""
        return self.module.partition(".")[0] or "."


def imports_of(node: ast.AST) -> list[Import]:
    """What an import statement imports; nothing for any other node."""
    if isinstance(node, ast.Import):
        return [Import(alias.name, None, alias.asname) for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        module = "." * node.level + (node.module or "")
        return [Import(module, alias.name, alias.asname) for alias in node.names]
    return []


def import_block(imports: Iterable[Import], local: Collection[str]) -> str:
    """The sorted block, its sections apart by a blank line.

    They are: future, star imports in the order given (each may hide names of those before it, and none those of the
    rest), standard library, installed, beside the notebook.
    """
    sections: dict[int, dict[Import, None]] = {}
    for item in imports:
        sections.setdefault(_section(item, local), {})[item] = None
    return "\n\n".join("\n".join(_section_lines(key, sections[key])) for key in sorted(sections))


def _section(item: Import, local: Collection[str]) -> int:
    if item.module == "__future__":
        return 0
    if item.name == "*":
        return _STARS
    if item.top in sys.stdlib_module_names:
        return 2
    return 4 if item.top == "." or item.top in local else 3


def _section_lines(section: int, items: Collection[Import]) -> list[str]:
    if section == _STARS:
        return [f"from {item.module} import *" for item in items]
    plain = sorted((i for i in items if i.name is None), key=lambda i: (i.module.lower(), i.module, i.alias or ""))
    lines = [f"import {i.module} as {i.alias}" if i.alias else f"import {i.module}" for i in plain]
    modules = sorted({i.module for i in items if i.name is not None}, key=lambda module: (module.lower(), module))
    for module in modules:
        lines.extend(_from_lines(module, [i for i in items if i.module == module and i.name is not None]))
    return lines


def _from_lines(module: str, items: list[Import]) -> list[str]:
    names = [f"{i.name} as {i.alias}" if i.alias else str(i.name) for i in sorted(items, key=_member_order)]
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= _WIDTH:
        return [line]
    return [f"from {module} import (", *(f"    {name}," for name in names), ")"]


def _member_order(item: Import) -> tuple[int, str, str]:
    name = str(item.name)
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return kind, name.lower(), item.alias or ""
