"""What a statement reads and binds: the names it needs as it runs, those it needs once called, those it gives."""

import ast

from perijove.notebook.namespaces import builtins_item, globals_item, writes_unknown_name
from perijove.notebook.reads import ExpressionReader, Names, catches_name_error
from perijove.notebook.scopes import own_nodes, stored_names


def names_of(node: ast.stmt, *, postponed: bool = False) -> Names:
    """Read one top-level statement; ``postponed``: ``from __future__ import annotations`` is in force."""
    reader = _Reader(postponed=postponed)
    definite = reader.block([node], frozenset())
    own = list(own_nodes([node]))
    every = {name for inner in own for name in stored_names(inner)} | reader.names.binds.keys()
    deleted = {t.id for n in own if isinstance(n, ast.Delete) for t in n.targets if isinstance(t, ast.Name)}
    bound = every - (deleted if isinstance(node, ast.Delete) else set())
    dotted = {a.name.partition(".")[0] for n in own if isinstance(n, ast.Import) for a in n.names if _is_dotted(a)}
    reader.names.binds = {name: name in definite and name not in dotted for name in sorted(bound)}
    reader.names.optional |= bound - definite  # a block may have bound it on its way there
    reader.names.deletes = deleted if isinstance(node, ast.Delete) else set()
    return reader.names


class _Reader(ExpressionReader):
    """Walks a statement in the order it runs; names assigned on the way are no needs."""

    # --- statements of the module's own scope: returns the names assigned for certain after the block ---

    def block(self, body: list[ast.stmt], assigned: frozenset[str]) -> frozenset[str]:
        for node in body:
            assigned = self.statement(node, assigned)
        return assigned

    def statement(self, node: ast.stmt, assigned: frozenset[str]) -> frozenset[str]:
        self.assigned = assigned
        match node:
            case ast.If():
                self.expression(node.test)
                return self.block(node.body, self.assigned) & self.block(node.orelse, assigned)
            case ast.For() | ast.AsyncFor():
                return self._for(node)
            case ast.While():
                self.expression(node.test)
                after = self.assigned
                self.block(node.body, after)
                self.block(node.orelse, after)
                return after
            case ast.With() | ast.AsyncWith():
                return self._with(node)
            case ast.Try() | ast.TryStar():
                return self._try(node)
            case ast.Match():
                return self._match(node)
            case ast.Delete():
                self._delete(node)
                return self.assigned - {t.id for t in node.targets if isinstance(t, ast.Name)}
            case _:
                self._simple(node)
                return self.assigned | set(stored_names(node)) | _targets(node)

    def _simple(self, node: ast.stmt) -> None:
        match node:
            case ast.ImportFrom(names=[ast.alias(name="*")]):
                self.names.stars.append(node)
            case ast.AugAssign(target=ast.Name() as target):
                self._read(target.id, target.lineno)
                self.expression(node.value)
            case ast.AnnAssign(annotation=annotation, value=value):
                self._annotation(annotation)
                if value:
                    self.expression(value)
                self.expression(node.target)
            case ast.Assign(targets=targets):
                self.expression(node.value)
                for each in targets:
                    self._dynamic_target(each)
                    self.expression(each)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                self.expression(node)
            case _ if type(node).__name__ == "TypeAlias":
                self.expression(node)
            case _:
                for child in ast.iter_child_nodes(node):
                    self.expression(child)

    def _for(self, node: ast.For | ast.AsyncFor) -> frozenset[str]:
        self._await(node, isinstance(node, ast.AsyncFor))
        self.expression(node.iter)
        before = self.assigned
        self.assigned = before | _names_in(node.target)
        self.expression(node.target)
        self.block(node.body, self.assigned)
        self.block(node.orelse, before)
        return before

    def _with(self, node: ast.With | ast.AsyncWith) -> frozenset[str]:
        self._await(node, isinstance(node, ast.AsyncWith))
        for item in node.items:
            self.expression(item.context_expr)
            if item.optional_vars:
                self.assigned |= _names_in(item.optional_vars)
                self.expression(item.optional_vars)
        return self.block(node.body, self.assigned)

    def _try(self, node: ast.Try | ast.TryStar) -> frozenset[str]:
        before = self.assigned
        forgiving = any(catches_name_error(handler) for handler in node.handlers)
        self.forgiving += forgiving
        after = self.block(node.body, before)
        self.forgiving -= forgiving
        after = self.block(node.orelse, after)
        for handler in node.handlers:
            self.assigned = before
            if handler.type:
                self.expression(handler.type)
            caught = self.block(handler.body, before | ({handler.name} if handler.name else frozenset()))
            if not _leaves(handler.body):
                after &= caught
        return self.block(node.finalbody, before) | after

    def _match(self, node: ast.Match) -> frozenset[str]:
        self.expression(node.subject)
        before, outcomes, complete = self.assigned, [], False
        for case in node.cases:
            captured = {name for inner in ast.walk(case.pattern) for name in stored_names(inner)}
            self.assigned = before | captured
            self.expression(case.pattern)
            if case.guard:
                self.expression(case.guard)
            outcomes.append(self.block(case.body, self.assigned))
            complete |= case.guard is None and isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None
        return frozenset.intersection(*outcomes) if complete else before

    def _delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if not isinstance(target, ast.Name):
                self.expression(target)

    def _dynamic_target(self, target: ast.expr) -> None:
        name = globals_item(target)
        if name:
            self.names.binds[name] = True
            self.assigned |= {name}
        elif writes_unknown_name(target):
            self.names.dynamic = target.lineno
        name = builtins_item(target)
        if name:
            self.names.binds.setdefault(name, False)  # a name of the module comes first


def _is_dotted(alias: ast.alias) -> bool:
    """Whether an import only adds a submodule to the package that its name stands for."""
    return "." in alias.name and alias.asname is None


def _names_in(target: ast.AST) -> frozenset[str]:
    return frozenset(n.id for n in ast.walk(target) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))


def _targets(node: ast.stmt) -> frozenset[str]:
    match node:
        case ast.Assign(targets=targets):
            return frozenset().union(*(_names_in(target) for target in targets))
        case ast.AnnAssign(target=target, value=value):
            return _names_in(target) if value is not None else frozenset()
        case ast.AugAssign(target=target):
            return _names_in(target)
        case _ if type(node).__name__ == "TypeAlias":
            return _names_in(node.name)  # type: ignore[attr-defined]
    return frozenset()


def _leaves(body: list[ast.stmt]) -> bool:
    return bool(body) and isinstance(body[-1], ast.Raise | ast.Return | ast.Continue | ast.Break)
