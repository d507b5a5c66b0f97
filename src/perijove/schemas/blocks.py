"""Blocks: typed bundles of settings, such as a secret, that pull steps and templates refer to by name."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from perijove.schemas import base
from perijove.schemas.base import JsonObject, Name, Request, Stored
from perijove.schemas.filters import Among, Filter, Flag, Page, Tags, Text


class BlockTypeUpdate(Request):
    logo_url: str | None = None
    documentation_url: str | None = None
    description: str | None = None
    code_example: str | None = None


class BlockTypeCreate(BlockTypeUpdate):
    name: Name
    slug: Annotated[str, base.slug("Block type slug")]


class BlockType(Stored):
    name: str
    slug: str
    logo_url: str | None = None
    documentation_url: str | None = None
    description: str | None = None
    code_example: str | None = None
    is_protected: bool = False


class BlockSchemaCreate(Request):
    """``fields`` is the JSON Schema of the block's settings; ``secret_fields`` in it names those to be hidden."""

    fields: JsonObject = Field(default_factory=dict)
    block_type_id: UUID
    capabilities: list[str] = Field(default_factory=list)
    version: str = "non-versioned"


class BlockSchema(Stored):
    checksum: str
    fields: JsonObject = Field(default_factory=dict)
    block_type_id: UUID
    block_type: BlockType | None = None
    capabilities: list[str] = Field(default_factory=list)
    version: str


class BlockDocumentCreate(Request):
    name: Annotated[Name, base.slug("Block document name")] | None = None
    data: JsonObject = Field(default_factory=dict)
    block_schema_id: UUID
    block_type_id: UUID
    is_anonymous: bool = False


class BlockDocumentUpdate(Request):
    block_schema_id: UUID | None = None
    data: JsonObject = Field(default_factory=dict)
    merge_existing_data: bool = True


class BlockDocument(Stored):
    """A named block. ``data`` shows stars in place of secrets, unless they were asked for."""

    name: str | None = None
    data: JsonObject = Field(default_factory=dict)
    block_schema_id: UUID
    block_schema: BlockSchema | None = None
    block_type_id: UUID
    block_type_name: str | None = None
    block_type: BlockType | None = None
    block_document_references: JsonObject = Field(default_factory=dict)
    is_anonymous: bool = False


class BlockTypeFilter(Filter):
    name: Text | None = None
    slug: Among[str] | None = None


class BlockSchemaFilter(Filter):
    id: Among[UUID] | None = None
    block_type_id: Among[UUID] | None = None
    block_capabilities: Tags | None = None
    version: Among[str] | None = None


class BlockDocumentFilter(Filter):
    id: Among[UUID] | None = None
    is_anonymous: Flag | None = Field(default_factory=lambda: Flag(eq_=False))
    block_type_id: Among[UUID] | None = None
    name: Text | None = None


class BlockDocumentSort(StrEnum):
    NAME_DESC = "NAME_DESC"
    NAME_ASC = "NAME_ASC"
    BLOCK_TYPE_AND_NAME_ASC = "BLOCK_TYPE_AND_NAME_ASC"


class BlockQuery(Page):
    """The body of ``/filter`` of block types, schemas and documents."""

    block_types: BlockTypeFilter | None = None
    block_schemas: BlockSchemaFilter | None = None
    block_documents: BlockDocumentFilter | None = None
    include_secrets: bool = False
    sort: BlockDocumentSort | None = None
