"""What exists in a kernel only: the statements whose value no clean process can make again."""

import ast

from perijove.notebook.history import History
from perijove.notebook.purity import words
from perijove.notebook.reads import Names
from perijove.notebook.statements import Statement

_ASKING = {
    "input": "it asks a person",
    "builtins.input": "it asks a person",
    "getpass.getpass": "it asks a person",
    "getpass.unix_getpass": "it asks a person",
    "pandas.read_clipboard": "it reads a clipboard",
    "pandas.io.clipboards.read_clipboard": "it reads a clipboard",
    "breakpoint": "it stops for a person",
    "google.colab.files.upload": "it asks for a file",
    "google.colab.userdata.get": "it reads Colab's secrets",
}
_WIDGET_LIBRARIES = {"ipywidgets", "panel", "ipyfilechooser", "ipyleaflet", "bqplot"}
_CONNECTIONS = {"connect", "create_connection", "Connection", "open_connection", "socket"}
_CONNECTING_LIBRARIES = words(
    """
    MySQLdb aiosqlite asyncpg clickhouse_driver cx_Oracle duckdb ftplib imaplib mysql oracledb paramiko psycopg psycopg2
    pymssql pymysql pyodbc redshift_connector smtplib snowflake socket sqlite3 teradatasql trino
    """
)
_WAYS = "Make it a parameter of the function, compute it in the function, or write its value in with --freeze."


def refusal(statement: Statement, names: Names, history: History, *, at_end: bool = True) -> str | None:
    """Why a statement that is needed can't stand in a module, and the way out; None when it can.

    ``at_end``: the function needs what it makes, not only statements that run as the module is imported.
    """
    if statement.half:
        return f"its last run raised half way, so what it left can't be made again. Repair the cell and run it. {_WAYS}"
    if names.awaits:
        return f"it awaits at the notebook's top level, which a module can't. Await it in the function. {_WAYS}"
    if names.whole and "globals()" in statement.text:
        line = statement.line_at(names.whole)
        return f"`globals()` in line {line} may read any name of the notebook. Name what it reads."
    if isinstance(statement.node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return _magic_inside(statement)
    return _magic_inside(statement) or _calls(statement, history, at_end=at_end) or _executes(statement, names)


def _magic_inside(statement: Statement) -> str | None:
    for node in statement.nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _is_get_ipython(node.func.value):
            written = next(iter(statement.magics.values()), ast.unparse(node))
            line = statement.line_of(node)
            magic = statement.magics.get(getattr(node, "lineno", 0), written)
            return f"`{magic}` (line {line}) means nothing in a module. Say it in plain Python (subprocess.run)."
    return None


def _is_get_ipython(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "get_ipython"


def _calls(statement: Statement, history: History, *, at_end: bool) -> str | None:
    bound = statement.node.value if isinstance(statement.node, ast.Assign | ast.AnnAssign) else None
    for node in statement.nodes:
        if isinstance(node, ast.Call):
            dotted = _dotted(node.func, statement.index, history)
            why = dotted and (_asks(dotted) or (bound is not None and _opens(dotted, whole=node is bound and at_end)))
            if why:
                return f"{why}, so its value exists in the kernel only. {_WAYS}"
    return None


def _asks(dotted: str) -> str | None:
    if dotted.partition(".")[0] in _WIDGET_LIBRARIES:
        return "it makes a widget"
    return _ASKING.get(dotted)


def _opens(dotted: str, *, whole: bool) -> str | None:
    """A connection, or a file that stays open; one that is read and closed on the way hurts nobody."""
    library, _, rest = dotted.partition(".")
    if library in _CONNECTING_LIBRARIES and rest.rpartition(".")[2] in _CONNECTIONS:
        return "it opens a connection"
    return "it opens a file" if whole and dotted in {"open", "io.open"} else None


def _dotted(node: ast.expr, at: int, history: History) -> str | None:
    """A callee's full dotted path, when it starts at a built-in or an import."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    libraries = history.libraries(node.id, at)
    if libraries:
        return ".".join([min(libraries), *reversed(parts)])
    return None if parts or history.bound_before(node.id, at)[1] else node.id


def _executes(statement: Statement, names: Names) -> str | None:
    if not names.dynamic:
        return None
    if "exec" in statement.text:
        return f"it executes code from a string, which can't be followed. Write that code in a cell. {_WAYS}"
    return f"it binds names that only a run can tell. Bind them by name in a cell. {_WAYS}"
