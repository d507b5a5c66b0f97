"""What a server keeps under the names that pull steps have for it: variables, and blocks with their secrets."""

from collections.abc import Mapping
from typing import Any

from perijove.client import SyncClient
from perijove.errors import EntrypointError, ServerError


def kept(client: SyncClient, name: str) -> Any:
    """What ``variables.NAME`` or ``blocks.TYPE.NAME`` stands for (Prefect's ``resolve_block_document_references``).

    A block of a single value, as secrets are, stands for that value, and ``blocks.TYPE.NAME.KEY`` for a part of it.
    Raises EntrypointError, in words that hold no value.
    """
    kind, _, rest = name.partition(".")
    try:
        return client.read_variable_by_name(rest).value if kind == "variables" else _of_block(client, rest)
    except ServerError as error:
        raise EntrypointError(f"{{{{ prefect.{name} }}}} can't be read: {error}") from None


def _of_block(client: SyncClient, name: str) -> Any:
    slug, _, rest = name.partition(".")
    document, *keys = rest.split(".")
    found: Any = client.read_block_document_by_name(document, slug).data
    if found.keys() == {"value"} and keys[:1] != ["value"]:
        found = found["value"]
    for key in keys:
        if not isinstance(found, Mapping) or key not in found:
            raise EntrypointError(f"{{{{ prefect.blocks.{name} }}}} is asked for, and the block has no such part.")
        found = found[key]
    return found
