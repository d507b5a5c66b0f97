"""Names that are written and read through a namespace: `globals()["name"]`, `builtins.name`."""

import ast


def is_namespace(node: ast.AST) -> bool:
    """Whether it is a plain call of ``globals()``, ``locals()``, ``vars()`` or ``dir()``."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"globals", "locals", "vars", "dir"}
        and not node.args
    )


def namespace_update(node: ast.AST) -> list[tuple[str, ast.expr]] | None:
    """The names and values that ``globals().update(...)`` writes; None when only a run can tell them."""
    match node:
        case ast.Call(func=ast.Attribute(value=owner, attr="update"), args=args, keywords=keywords):
            literals = [arg for arg in args if isinstance(arg, ast.Dict)]
            pairs = [pair for literal in literals for pair in zip(literal.keys, literal.values, strict=True)]
            named = [(key.value, value) for key, value in pairs if isinstance(key, ast.Constant)]
            known = len(literals) == len(args) and len(named) == len(pairs) and all(k.arg for k in keywords)
            given = [*named, *((k.arg, k.value) for k in keywords)]
        case ast.Call(func=ast.Attribute(value=owner, attr="setdefault"), args=[ast.Constant(value=key), value]):
            known, given = True, [(key, value)]
        case _:
            return None
    texts = [(key, value) for key, value in given if isinstance(key, str)]
    return texts if known and len(texts) == len(given) and is_namespace(owner) else None


def writes_unknown_name(node: ast.AST) -> bool:
    """Whether it is ``globals()[name]`` with a name that only a run can tell."""
    return isinstance(node, ast.Subscript) and is_namespace(node.value) and not globals_item(node)


def globals_item(node: ast.AST) -> str | None:
    """The name in ``globals()["name"]``."""
    if isinstance(node, ast.Subscript) and is_namespace(node.value) and isinstance(node.slice, ast.Constant):
        return node.slice.value if isinstance(node.slice.value, str) else None
    return None


def builtins_item(node: ast.AST) -> str | None:
    """The name in ``builtins.name``."""
    match node:
        case ast.Attribute(value=ast.Name(id="builtins"), attr=name):
            return name
    return None


def builtins_set(node: ast.AST) -> tuple[str, ast.expr] | None:
    """The name and the value in ``setattr(builtins, "name", value)``."""
    match node:
        case ast.Call(
            func=ast.Name(id="setattr"), args=[ast.Name(id="builtins"), ast.Constant(value=str(name)), value]
        ):
            return name, value
    return None
