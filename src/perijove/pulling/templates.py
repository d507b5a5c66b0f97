"""``{{ name }}`` in a pull step's inputs: what earlier steps gave, the environment has, or the server keeps.

Names are looked up and put in place, and nothing is evaluated.
"""

import os
import re
from collections.abc import Callable, Mapping
from typing import Any

from perijove.errors import EntrypointError

Lookup = Callable[[str], Any]

_PLACE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")


def fill(value: Any, outputs: Mapping[str, Any], server: Lookup) -> Any:
    """The value with its places filled; a text that is one place alone becomes what is put there, whatever its type.

    ``{{ step-id.output }}`` and ``{{ output }}``; ``{{ $NAME }}`` of the environment; ``{{ prefect.variables.name }}``
    and ``{{ prefect.blocks.type.name }}``, which ``server`` looks up without their ``prefect.``.
    Raises EntrypointError for a name that nothing gives.
    """
    if isinstance(value, Mapping):
        return {key: fill(each, outputs, server) for key, each in value.items()}
    if isinstance(value, list):
        return [fill(each, outputs, server) for each in value]
    if not isinstance(value, str):
        return value
    whole = _PLACE.fullmatch(value)
    if whole:
        return _found(whole[1], outputs, server)
    return _PLACE.sub(lambda place: str(_found(place[1], outputs, server)), value)


def _found(name: str, outputs: Mapping[str, Any], server: Lookup) -> Any:
    if name.startswith("$"):
        if name[1:] not in os.environ:
            raise EntrypointError(f"{{{{ {name} }}}} is asked for, and the run's environment has no {name[1:]}.")
        return os.environ[name[1:]]
    if name.startswith(("prefect.variables.", "prefect.blocks.")):
        return server(name.removeprefix("prefect."))
    found: Any = outputs
    for part in name.split("."):
        if not isinstance(found, Mapping) or part not in found:
            raise EntrypointError(f"{{{{ {name} }}}} is asked for, and no step before gives it.")
        found = found[part]
    return found
