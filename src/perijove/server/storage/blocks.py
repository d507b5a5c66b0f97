"""Block types, their schemas and documents in the database."""

import json
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, delete, func, select

from perijove.errors import ApiError, Invalid, NotFound
from perijove.schemas.base import JsonObject
from perijove.schemas.blocks import (
    BlockDocument,
    BlockDocumentCreate,
    BlockDocumentSort,
    BlockDocumentUpdate,
    BlockQuery,
    BlockSchema,
    BlockSchemaCreate,
    BlockType,
    BlockTypeCreate,
    BlockTypeUpdate,
)
from perijove.server.storage import block_references as references
from perijove.server.storage import filters, rows, secrets
from perijove.server.storage.tables import block_documents, block_schemas, block_types

_ORDER = {
    BlockDocumentSort.NAME_ASC: (block_documents.c.name.asc(),),
    BlockDocumentSort.NAME_DESC: (block_documents.c.name.desc(),),
    BlockDocumentSort.BLOCK_TYPE_AND_NAME_ASC: (block_types.c.name.asc(), block_documents.c.name.asc()),
}
_DOCUMENTS = select(block_documents).join(block_types, block_types.c.id == block_documents.c.block_type_id)


def checksum(fields: JsonObject) -> str:
    """The name of what a schema says, as Prefect's clients reckon it: they look their schemas up by it."""
    said = {name: value for name, value in fields.items() if name != "secret_fields"}
    definitions = said.pop("definitions", None) or {}
    if plain := {name: one for name, one in definitions.items() if not one.get("block_type_slug")}:
        said["definitions"] = plain
    return "sha256:" + sha256(json.dumps([[_without_secrets(said)], {}], sort_keys=True).encode()).hexdigest()


def create_type(connection: Connection, wanted: BlockTypeCreate) -> BlockType:
    """A new block type; raises ApiError (403) for a reserved name, Invalid (409) when there is one of this slug."""
    if wanted.name.lower().startswith("prefect"):
        raise ApiError(403, "Block type names beginning with 'Prefect' are reserved.")
    if connection.execute(select(block_types.c.id).where(block_types.c.slug == wanted.slug)).first():
        raise Invalid(409, f'Block type with slug "{wanted.slug}" already exists')
    return BlockType.model_validate(rows.add(connection, block_types, {**wanted.model_dump(), "is_protected": False}))


def read_type(connection: Connection, key: UUID | str) -> BlockType:
    """The block type of this id or slug; raises NotFound."""
    column = block_types.c.id if isinstance(key, UUID) else block_types.c.slug
    return rows.model(BlockType, _one(connection, block_types, column == key, "Block type"))


def search_types(connection: Connection, query: BlockQuery) -> list[BlockType]:
    """A page of the block types that the query asks for, by name."""
    chosen = select(block_types).where(filters.of_block_types(query)).order_by(block_types.c.name)
    return [rows.model(BlockType, row) for row in _page(connection, chosen, query)]


def change_type(connection: Connection, type_id: UUID, changes: BlockTypeUpdate) -> None:
    """Change what was set in ``changes``; raises NotFound."""
    if not rows.change(connection, block_types, type_id, changes.model_dump(exclude_unset=True)):
        raise _not_found("Block type")


def create_schema(connection: Connection, wanted: BlockSchemaCreate) -> tuple[BlockSchema, bool]:
    """The schema of these fields and version, and whether it is new; raises NotFound for the type."""
    read_type(connection, wanted.block_type_id)
    name = checksum(wanted.fields)
    known = (block_schemas.c.checksum == name) & (block_schemas.c.version == wanted.version)
    row = connection.execute(select(block_schemas).where(known)).one_or_none()
    if row is not None:
        return _schema(connection, row), False
    made: UUID = rows.add(connection, block_schemas, {**wanted.model_dump(), "checksum": name})["id"]
    return read_schema(connection, made), True


def read_schema(connection: Connection, schema_id: UUID) -> BlockSchema:
    """The schema; raises NotFound."""
    return _schema(connection, _one(connection, block_schemas, block_schemas.c.id == schema_id, "Block schema"))


def read_schema_by_checksum(connection: Connection, name: str, version: str | None) -> BlockSchema:
    """The newest schema of this checksum, and of this version if one is given; raises NotFound."""
    chosen = select(block_schemas).where(block_schemas.c.checksum == name).order_by(block_schemas.c.created.desc())
    if version is not None:
        chosen = chosen.where(block_schemas.c.version == version)
    row = connection.execute(chosen.limit(1)).one_or_none()
    if row is None:
        raise _not_found("Block schema")
    return _schema(connection, row)


def search_schemas(connection: Connection, query: BlockQuery) -> list[BlockSchema]:
    """A page of the schemas that the query asks for, the newest first."""
    chosen = select(block_schemas).where(filters.of_block_schemas(query)).order_by(block_schemas.c.created.desc())
    return [_schema(connection, row) for row in _page(connection, chosen, query)]


def create_document(connection: Connection, wanted: BlockDocumentCreate) -> BlockDocument:
    """A new block; raises NotFound for its type and schema, Invalid (409) for a name that its type has already."""
    read_type(connection, wanted.block_type_id)
    read_schema(connection, wanted.block_schema_id)
    if wanted.name is None and not wanted.is_anonymous:
        raise Invalid(422, "Names must be provided for block documents.")
    taken = (block_documents.c.block_type_id == wanted.block_type_id) & (block_documents.c.name == wanted.name)
    if wanted.name is not None and connection.execute(select(block_documents.c.id).where(taken)).first():
        raise Invalid(409, f"A block of this type with the name {wanted.name!r} already exists.")
    _check_references(connection, wanted.data)
    values = wanted.model_dump()
    if wanted.name is None:
        values["name"] = f"anonymous-{uuid4()}"
    made: UUID = rows.add(connection, block_documents, values)["id"]
    return read_document(connection, made)


def read_document(connection: Connection, document_id: UUID, *, with_secrets: bool = False) -> BlockDocument:
    """The block; raises NotFound."""
    row = _one(connection, block_documents, block_documents.c.id == document_id, "Block document")
    return _document(connection, row, with_secrets=with_secrets)


def read_document_by_name(connection: Connection, slug: str, name: str, *, with_secrets: bool = False) -> BlockDocument:
    """The block of this type and name; raises NotFound."""
    chosen = _DOCUMENTS.where(block_types.c.slug == slug, block_documents.c.name == name)
    row = connection.execute(chosen).one_or_none()
    if row is None:
        raise _not_found("Block document")
    return _document(connection, row, with_secrets=with_secrets)


def search_documents(connection: Connection, query: BlockQuery) -> list[BlockDocument]:
    """A page of the blocks that the query asks for."""
    order = _ORDER[query.sort or BlockDocumentSort.NAME_ASC]
    chosen = _DOCUMENTS.where(filters.of_block_documents(query)).order_by(*order)
    found = _page(connection, chosen, query)
    return [_document(connection, row, with_secrets=query.include_secrets) for row in found]


def count_documents(connection: Connection, query: BlockQuery) -> int:
    """How many blocks the query asks for."""
    chosen = select(func.count()).select_from(block_documents).where(filters.of_block_documents(query))
    return connection.scalar(chosen) or 0


def change_document(connection: Connection, document_id: UUID, changes: BlockDocumentUpdate) -> None:
    """Change the block's data; raises NotFound, Invalid as ``create_document`` does, and RecursionError for a block
    that would contain itself. Stars that stand for a secret leave it as it is."""
    known = read_document(connection, document_id, with_secrets=True)
    _check_references(connection, changes.data)
    said = secrets.keep_hidden(known.data, changes.data)
    values: dict[str, Any] = {"data": {**known.data, **said} if changes.merge_existing_data else said}
    if changes.block_schema_id is not None:
        values["block_schema_id"] = read_schema(connection, changes.block_schema_id).id
    rows.change(connection, block_documents, document_id, values)
    read_document(connection, document_id)  # what can't be read any more isn't kept


def remove(connection: Connection, table: Table, row_id: UUID) -> None:
    """Delete a block, or a schema or type with all its blocks; raises NotFound."""
    if not connection.execute(delete(table).where(table.c.id == row_id)).rowcount:
        raise _not_found("Block")


def _one(connection: Connection, table: Table, wanted: ColumnElement[bool], what: str) -> Row[Any]:
    row = connection.execute(select(table).where(wanted)).one_or_none()
    if row is None:
        raise _not_found(what)
    return row


def _page(connection: Connection, chosen: Select[Any], query: BlockQuery) -> list[Row[Any]]:
    limit, offset = filters.page(query)
    return list(connection.execute(chosen.limit(limit).offset(offset)).all())


def _schema(connection: Connection, row: Row[Any]) -> BlockSchema:
    return rows.model(BlockSchema, row, block_type=read_type(connection, row.block_type_id))


def _document(connection: Connection, row: Row[Any], *, with_secrets: bool) -> BlockDocument:
    """The block with the data of other blocks in place of the references to them; without those that are gone."""
    schema = read_schema(connection, row.block_schema_id)
    kind = read_type(connection, row.block_type_id)
    named = references.named(row.data)
    inner = _inner(connection, named)
    plain = {name: value for name, value in row.data.items() if name not in named}
    data = {**plain, **{name: one.data for name, one in inner.items()}}
    return rows.model(
        BlockDocument,
        row,
        data=data if with_secrets else secrets.hide(data, schema.fields),
        block_schema=schema,
        block_type=kind,
        block_type_name=kind.name,
        block_document_references={name: references.told(one) for name, one in inner.items()},
    )


def _inner(connection: Connection, named: dict[str, UUID]) -> dict[str, BlockDocument]:
    """The blocks that are referred to, as far as they are there."""
    known = select(block_documents.c.id).where(block_documents.c.id.in_(named.values()))
    there = set(connection.scalars(known)) if named else set()
    return {name: read_document(connection, one, with_secrets=True) for name, one in named.items() if one in there}


def _check_references(connection: Connection, data: JsonObject) -> None:
    """Raise Invalid: 400 for a reference that names no block, 409 for one to a block that isn't there."""
    named = references.named(data)
    if missing := named.keys() - _inner(connection, named).keys():
        raise Invalid(409, f"The block that {min(missing)!r} refers to is not there.")


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_secrets(part) for name, part in value.items() if name != "secret_fields"}
    return [_without_secrets(part) for part in value] if isinstance(value, list) else value


def _not_found(what: str) -> NotFound:
    return NotFound(404, f"{what} not found")
