"""What Python itself calls: the special methods behind operators, look-ups, blocks and built-in functions.

The names are those of the language's data model.
"""

import ast
from functools import lru_cache

from perijove.notebook.effects import Value
from perijove.notebook.purity import words

_OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "add",
    ast.BitAnd: "and",
    ast.BitOr: "or",
    ast.BitXor: "xor",
    ast.Div: "truediv",
    ast.FloorDiv: "floordiv",
    ast.LShift: "lshift",
    ast.MatMult: "matmul",
    ast.Mod: "mod",
    ast.Mult: "mul",
    ast.Pow: "pow",
    ast.RShift: "rshift",
    ast.Sub: "sub",
}
_COMPARISONS: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Eq: ("__eq__", "__eq__"),
    ast.NotEq: ("__ne__", "__ne__"),
    ast.Lt: ("__lt__", "__gt__"),
    ast.LtE: ("__le__", "__ge__"),
    ast.Gt: ("__gt__", "__lt__"),
    ast.GtE: ("__ge__", "__le__"),
}
_UNARY: dict[type[ast.unaryop], tuple[str, ...]] = {
    ast.Invert: ("__invert__",),
    ast.Not: ("__bool__", "__len__"),
    ast.UAdd: ("__pos__",),
    ast.USub: ("__neg__",),
}
TRUTH = ("__bool__", "__len__")
TEXT = ("__format__", "__str__", "__repr__")
ITERATION = ("__iter__", "__next__", "__aiter__", "__anext__")
LOOK_UP = ("__getitem__", "__missing__")
BLOCK = ("__enter__", "__exit__", "__aenter__", "__aexit__")
OF_DESCRIPTORS = frozenset({"__delete__", "__get__", "__set__"})
# What a built-in function calls of its arguments; those that read through one are readers, and known as such.
_BUILTINS = {
    "abs": "__abs__",
    "bool": "__bool__ __len__",
    "bytes": "__bytes__",
    "complex": "__complex__",
    "dir": "__dir__",
    "divmod": "__divmod__",
    "enumerate": "__iter__",
    "float": "__float__",
    "format": "__format__ __str__ __repr__",
    "hash": "__hash__",
    "int": "__int__ __index__ __trunc__",
    "iter": "__iter__",
    "len": "__len__",
    "max": "__gt__ __lt__",
    "min": "__gt__ __lt__",
    "next": "__next__",
    "print": "__str__ __repr__",
    "repr": "__repr__",
    "reversed": "__reversed__",
    "round": "__round__",
    "sorted": "__lt__ __gt__",
    "str": "__str__ __repr__",
    "sum": "__add__ __radd__",
}
BUILTINS = {name: tuple(sorted(words(methods))) for name, methods in _BUILTINS.items()}


def arguments(method: str, owner: Value, given: tuple[Value, ...]) -> tuple[Value, ...]:
    """What a method is given after the object that it is bound to: a descriptor's, its owner, too; others, a name."""
    if method in OF_DESCRIPTORS:
        return (owner, *given)
    return (Value(), *given) if method == "__setattr__" else given


def of_operator(operator: ast.operator) -> tuple[str, str, str]:
    """What ``x op y`` and ``x op= y`` call: x's method, y's, and x's in place."""
    name = _OPERATORS[type(operator)]
    return f"__{name}__", f"__r{name}__", f"__i{name}__"


def of_comparison(operator: ast.cmpop) -> tuple[str | None, str | None]:
    """What a comparison calls of its left side and of its right one."""
    if isinstance(operator, ast.In | ast.NotIn):
        return None, "__contains__"
    return _COMPARISONS.get(type(operator), (None, None))


def of_unary(operator: ast.unaryop) -> tuple[str, ...]:
    """What ``-x``, ``not x`` and the like call."""
    return _UNARY[type(operator)]


def defined_in(node: ast.ClassDef) -> frozenset[str]:
    """The methods of a class that Python calls without being told by name: special methods and properties."""
    return made_properties(node) | {
        child.name
        for child in node.body
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
        and (_is_special(child.name) or any(_makes_property(each) for each in child.decorator_list))
    }


@lru_cache(maxsize=1024)
def made_properties(node: ast.ClassDef) -> frozenset[str]:
    """The attributes of a class that a function made: they may be properties."""
    made = (child.targets for child in node.body if isinstance(child, ast.Assign) and _may_make_property(child.value))
    return frozenset(name.id for targets in made for name in targets if isinstance(name, ast.Name))


@lru_cache(maxsize=1024)
def shares_state(node: ast.ClassDef) -> bool:
    """Whether a class's instances have one dictionary for their attributes: that of the class or of another object."""
    assigned = [inner for inner in ast.walk(node) if isinstance(inner, ast.Assign)]
    shared = (target for each in assigned if isinstance(each.value, ast.Attribute) for target in each.targets)
    return any(isinstance(target, ast.Attribute) and target.attr == "__dict__" for target in shared)


def _may_make_property(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id[:1].islower()


def _is_special(name: str) -> bool:
    return name.startswith("__") and name.endswith("__") and name not in {"__init__", "__new__"}


def _makes_property(decorator: ast.expr) -> bool:
    name = getattr(decorator, "id", getattr(decorator, "attr", ""))
    return "property" in name or name in {"getter", "setter", "deleter"}
