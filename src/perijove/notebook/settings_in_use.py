"""Which process-wide settings a module relies on: those of the libraries that its statements use."""

import ast
import sys
from collections.abc import Iterable, Sequence

from perijove.notebook.history import History, Setting
from perijove.notebook.purity import words
from perijove.notebook.statements import Statement

# A library's settings also act on the libraries built on it.
_ACTS_ON = {
    "matplotlib": {"matplotlib", "pylab", "seaborn", "mpl_toolkits"},
    "seaborn": {"matplotlib", "seaborn", "pylab"},
    "numpy": {
        "numpy",
        "pandas",
        "scipy",
        "sklearn",
        "seaborn",
        "statsmodels",
        "xgboost",
        "lightgbm",
        "torch",
        "tensorflow",
        "keras",
        "networkx",
    },
    "tensorflow": {"tensorflow", "keras"},
    "keras": {"tensorflow", "keras"},
    "urllib3": {"requests", "urllib3"},
    "requests": {"requests", "urllib3"},
    "tqdm": {"tqdm", "pandas"},
    "plotly": {"plotly", "cufflinks"},
    "nest_asyncio": {"asyncio"},
    "random": {"random"},
    "decimal": {"decimal"},
    "logging": {"logging"},
    "dotenv": set(),
    "locale": {"locale", "time", "datetime", "calendar", "pandas", "babel"},
}
# Settings that act on anything at all.
_ALWAYS = {"sys", "builtins", "gc", "signal", "faulthandler"}
# What the standard library reads out of the environment: time zones, homes, proxies, languages, programs' paths.
_READING_ENVIRONMENT = words(
    """
    asyncio calendar datetime getpass gettext http locale multiprocessing pathlib shutil ssl subprocess tempfile time
    urllib webbrowser zoneinfo
    """
)
# Settings that act on what other libraries do.
_FOR_OTHERS = {"os", "warnings", "dotenv", "socket", "threading", "multiprocessing", "asyncio"}


class Uses:
    """What the kept statements use, found once for all the settings that are weighed against it."""

    def __init__(self, kept: Sequence[Statement], history: History) -> None:
        self._libraries = _used_libraries(kept, history)
        self._plots = "pandas" in self._libraries and _plots(kept)

    def of(self, library: str) -> bool:
        """Whether a setting of ``library`` (a dotted path) can matter."""
        top = library.lstrip(".").partition(".")[0]
        foreign = self._libraries - _STANDARD
        if library.startswith("sys.path"):
            return bool(foreign)
        if top in _ALWAYS or library == "os.chdir":
            return True
        if top in {"os", "dotenv"} and self._libraries & _READING_ENVIRONMENT:
            return True
        if top in _FOR_OTHERS:
            return bool(foreign - {"perijove", "prefect"}) or top in self._libraries
        return bool(self._libraries & _ACTS_ON.get(top, {top})) or (top == "matplotlib" and self._plots)


def followed(settings: Sequence[Setting]) -> list[tuple[Setting, int | None]]:
    """Each setting with the later statement, if any, that sets something of the same library next."""
    following: dict[str, tuple[int, int | None]] = {}
    found: list[tuple[Setting, int | None]] = []
    for setting in reversed(settings):
        index, after = following.get(setting.library, (setting.index, None))
        following[setting.library] = (index, after) if index == setting.index else (setting.index, index)
        found.append((setting, following[setting.library][1]))
    return found[::-1]


def _plots(kept: Iterable[Statement]) -> bool:
    """Whether pandas is asked for a picture."""
    attributes = {node.attr for s in kept for node in s.nodes if isinstance(node, ast.Attribute)}
    return bool(attributes & {"plot", "hist", "boxplot"})


_STANDARD = frozenset(sys.stdlib_module_names)


def _used_libraries(kept: Iterable[Statement], history: History) -> set[str]:
    """The top-level modules that kept imports name, less those that only kept settings read."""
    used: set[str] = set()
    settings = {setting.index for setting in history.settings}
    read: set[str] = set()
    for statement in kept:
        if statement.index not in settings:
            names = history.facts[statement.index].names
            read |= names.now.keys() | names.later.keys()
            used |= {
                top
                for node in statement.nodes
                for top in _imported(node)
                if isinstance(statement.node, ast.FunctionDef)
            }
    for statement in kept:
        if history.facts[statement.index].names.binds.keys() & read or history.facts[statement.index].names.stars:
            used |= {top for node in statement.nodes for top in _imported(node)}
    return used


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name.partition(".")[0] for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [("." * node.level) + (node.module or "").partition(".")[0]]
    return []
