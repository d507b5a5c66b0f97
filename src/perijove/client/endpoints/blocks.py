"""Requests about blocks: settings and secrets that a server keeps by name."""

from perijove.client.calls import Call, endpoint
from perijove.client.endpoints.requests import get, quoted
from perijove.schemas.blocks import BlockDocument


class Blocks:
    """Blocks."""

    @endpoint
    def read_block_document_by_name(self, name: str, block_type_slug: str) -> Call[BlockDocument]:
        """The block with its secrets."""
        path = f"/block_types/slug/{quoted(block_type_slug)}/block_documents/name/{quoted(name)}"
        return get(f"{path}?include_secrets=true", BlockDocument)
