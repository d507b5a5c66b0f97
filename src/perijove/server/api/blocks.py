"""Routes of blocks: as much as deployments, pull steps and templates need of them."""

from functools import partial
from uuid import UUID

from fastapi import APIRouter, Response, status
from sqlalchemy import Connection

from perijove.schemas.blocks import (
    BlockDocument,
    BlockDocumentCreate,
    BlockDocumentUpdate,
    BlockQuery,
    BlockSchema,
    BlockSchemaCreate,
    BlockType,
    BlockTypeCreate,
    BlockTypeFilter,
    BlockTypeUpdate,
)
from perijove.schemas.filters import Among
from perijove.server.api.backend import Injected
from perijove.server.storage import blocks
from perijove.server.storage.tables import block_documents, block_schemas, block_types

router = APIRouter(tags=["blocks"])


@router.post("/block_types/", status_code=status.HTTP_201_CREATED)
async def create_block_type(wanted: BlockTypeCreate, backend: Injected) -> BlockType:
    return await backend.write(partial(blocks.create_type, wanted=wanted))


@router.post("/block_types/filter")
async def read_block_types(query: BlockQuery, backend: Injected) -> list[BlockType]:
    return await backend.read(partial(blocks.search_types, query=query))


@router.get("/block_types/slug/{slug}")
async def read_block_type_by_slug(slug: str, backend: Injected) -> BlockType:
    return await backend.read(partial(blocks.read_type, key=slug))


@router.get("/block_types/{type_id:uuid}")
async def read_block_type(type_id: UUID, backend: Injected) -> BlockType:
    return await backend.read(partial(blocks.read_type, key=type_id))


@router.patch("/block_types/{type_id:uuid}", status_code=status.HTTP_204_NO_CONTENT)
async def update_block_type(type_id: UUID, changes: BlockTypeUpdate, backend: Injected) -> None:
    await backend.write(partial(blocks.change_type, type_id=type_id, changes=changes))


@router.delete("/block_types/{type_id:uuid}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_block_type(type_id: UUID, backend: Injected) -> None:
    """Delete the type with its schemas and blocks."""
    await backend.write(partial(blocks.remove, table=block_types, row_id=type_id))


@router.get("/block_types/slug/{slug}/block_documents/name/{name:path}")
async def read_block_document_by_name(
    slug: str, name: str, backend: Injected, include_secrets: bool = False
) -> BlockDocument:
    work = partial(blocks.read_document_by_name, slug=slug, name=name, with_secrets=include_secrets)
    return await backend.read(work)


@router.get("/block_types/slug/{slug}/block_documents")
async def read_block_documents_of_type(
    slug: str, backend: Injected, include_secrets: bool = False
) -> list[BlockDocument]:
    def work(connection: Connection) -> list[BlockDocument]:
        blocks.read_type(connection, slug)
        of_type = BlockTypeFilter(slug=Among(any_=[slug]))
        return blocks.search_documents(connection, BlockQuery(block_types=of_type, include_secrets=include_secrets))

    return await backend.read(work)


@router.post("/block_schemas/", status_code=status.HTTP_201_CREATED)
async def create_block_schema(wanted: BlockSchemaCreate, response: Response, backend: Injected) -> BlockSchema:
    """The schema of these fields (200), made if there is none (201)."""
    made, is_new = await backend.write(partial(blocks.create_schema, wanted=wanted))
    if not is_new:
        response.status_code = status.HTTP_200_OK
    return made


@router.post("/block_schemas/filter")
async def read_block_schemas(query: BlockQuery, backend: Injected) -> list[BlockSchema]:
    return await backend.read(partial(blocks.search_schemas, query=query))


@router.get("/block_schemas/checksum/{checksum}")
async def read_block_schema_by_checksum(checksum: str, backend: Injected, version: str | None = None) -> BlockSchema:
    return await backend.read(partial(blocks.read_schema_by_checksum, name=checksum, version=version))


@router.get("/block_schemas/{schema_id:uuid}")
async def read_block_schema(schema_id: UUID, backend: Injected) -> BlockSchema:
    return await backend.read(partial(blocks.read_schema, schema_id=schema_id))


@router.delete("/block_schemas/{schema_id:uuid}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_block_schema(schema_id: UUID, backend: Injected) -> None:
    await backend.write(partial(blocks.remove, table=block_schemas, row_id=schema_id))


@router.post("/block_documents/", status_code=status.HTTP_201_CREATED)
async def create_block_document(wanted: BlockDocumentCreate, backend: Injected) -> BlockDocument:
    return await backend.write(partial(blocks.create_document, wanted=wanted))


@router.post("/block_documents/filter")
async def read_block_documents(query: BlockQuery, backend: Injected) -> list[BlockDocument]:
    return await backend.read(partial(blocks.search_documents, query=query))


@router.post("/block_documents/count")
async def count_block_documents(query: BlockQuery, backend: Injected) -> int:
    return await backend.read(partial(blocks.count_documents, query=query))


@router.get("/block_documents/{document_id:uuid}")
async def read_block_document(document_id: UUID, backend: Injected, include_secrets: bool = False) -> BlockDocument:
    return await backend.read(partial(blocks.read_document, document_id=document_id, with_secrets=include_secrets))


@router.patch("/block_documents/{document_id:uuid}", status_code=status.HTTP_204_NO_CONTENT)
async def update_block_document(document_id: UUID, changes: BlockDocumentUpdate, backend: Injected) -> None:
    await backend.write(partial(blocks.change_document, document_id=document_id, changes=changes))


@router.delete("/block_documents/{document_id:uuid}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_block_document(document_id: UUID, backend: Injected) -> None:
    await backend.write(partial(blocks.remove, table=block_documents, row_id=document_id))


@router.get("/block_capabilities/")
async def read_block_capabilities() -> list[str]:
    """What kinds of things blocks can do: this server asks for none."""
    return []
