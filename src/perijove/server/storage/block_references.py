"""References from one block's data to another block: ``{"$ref": {"block_document_id": ...}}``."""

from typing import Any
from uuid import UUID

from perijove.errors import Invalid
from perijove.schemas.base import JsonObject
from perijove.schemas.blocks import BlockDocument

_SHOWN = {"id", "name", "block_type", "is_anonymous", "block_document_references"}


def named(data: JsonObject) -> dict[str, UUID]:
    """The ids of the blocks that the data refers to, by the names of its fields; raises Invalid (400)."""
    found = {name: value["$ref"] for name, value in data.items() if _is_reference(value)}
    return {name: _id(name, reference) for name, reference in found.items()}


def told(block: BlockDocument) -> JsonObject:
    """What an answer says of a block that is referred to, beside its data."""
    return {"block_document": block.model_dump(mode="json", include=_SHOWN)}


def _is_reference(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("$ref"), dict)


def _id(name: str, reference: JsonObject) -> UUID:
    try:
        return UUID(str(reference["block_document_id"]))
    except (KeyError, ValueError):
        raise Invalid(400, f"The reference in {name!r} names no block by its block_document_id.") from None
