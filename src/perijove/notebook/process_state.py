"""Calls that act on the whole process: settings of libraries, and the random generators that all share."""

from functools import lru_cache

from perijove.notebook import purity


@lru_cache(maxsize=4096)
def is_setting(dotted: str, *, direct: bool = True) -> bool:
    """Whether a library's function, by its name, sets something for the whole process.

    A method of what a library's function returns (not ``direct``) does so only where that is shared.
    """
    parts = dotted.split(".")
    if not direct and not SHARED_STATE & set(parts):
        return False
    if any(part[:1].isupper() and part != "InlineBackend" for part in parts[1:-1]):
        return parts[-1] in {"patch", "register", "set_default"}
    name = parts[-1]
    if name in purity.NO_SETTINGS or name[:1].isupper():
        return False
    if parts[:2] in (["sys", "path"], ["os", "environ"], ["sys", "meta_path"], ["sys", "modules"]):
        return name in purity.MUTATORS
    if name in purity.SETTING_VERBS or (
        parts[-2:-1] and parts[-2] in {"config", "defaults", "options", "rcParams"} and name in purity.MUTATORS
    ):
        return len(parts) > 1
    return name.startswith(tuple(f"{verb}_" for verb in purity.SETTING_VERBS)) or name in {
        "addHandler",
        "ioff",
        "ion",
        "rc",
        "setbufsize",
        "setcontext",
        "setdefaulttimeout",
        "seterr",
        "seterrcall",
        "setLevel",
        "setlocale",
        "setprofile",
        "setrecursionlimit",
        "setrlimit",
        "settrace",
        "signal",
        "tzset",
    }


# Functions that hand out an object which the whole process shares.
SHARED_STATE = frozenset({"getcontext", "getLogger"})

_GENERATORS = {"random": "random", "numpy.random": "numpy.random"}
_OWN_STATE = frozenset(
    {
        "Random",
        "SystemRandom",
        "default_rng",
        "RandomState",
        "Generator",
        "SeedSequence",
        "getstate",
        "get_state",
        "PCG64",
        "MT19937",
    }
)
_SEEDS = frozenset({"seed", "setstate", "set_state"})
_DRAWING_METHODS = frozenset({"sample", "rvs", "train_test_split", "resample"})


def shared_generator(dotted: str) -> str | None:
    """The shared random generator that a function draws from or seeds, as a name for the history; else None."""
    module, _, function = dotted.rpartition(".")
    if module not in _GENERATORS or function in _OWN_STATE:
        return None
    return f"<{_GENERATORS[module]}>"


def is_generator(name: str) -> bool:
    """Whether a name of the history is a shared generator's."""
    return name.strip("<>") in _GENERATORS.values() and name.startswith("<")


def seeds(dotted: str) -> bool:
    """Whether a function of a shared generator sets its state."""
    return dotted.rpartition(".")[2] in _SEEDS


def draws_unseeded(name: str, keywords: frozenset[str]) -> bool:
    """Whether a method draws from NumPy's shared generator because it was given no state of its own."""
    return name in _DRAWING_METHODS and "random_state" not in keywords
