"""Routes of variables."""

from functools import partial
from uuid import UUID

from fastapi import APIRouter, status

from perijove.schemas.variables import Variable, VariableCreate, VariableQuery, VariableUpdate
from perijove.server.api.backend import Injected
from perijove.server.services import telling
from perijove.server.services.telling import VARIABLE
from perijove.server.storage import variables

router = APIRouter(prefix="/variables", tags=["variables"])


@router.post("/", status_code=status.HTTP_201_CREATED)
async def create_variable(variable: VariableCreate, backend: Injected) -> Variable:
    make = partial(variables.create, wanted=variable)
    return await backend.write(partial(telling.made, kind=VARIABLE, make=make))


@router.post("/filter")
async def read_variables(query: VariableQuery, backend: Injected) -> list[Variable]:
    return await backend.read(partial(variables.search, query=query))


@router.post("/count")
async def count_variables(query: VariableQuery, backend: Injected) -> int:
    return await backend.read(partial(variables.count, query=query))


@router.get("/{variable_id:uuid}")
async def read_variable(variable_id: UUID, backend: Injected) -> Variable:
    return await backend.read(partial(variables.read, key=variable_id))


@router.get("/name/{name:path}")
async def read_variable_by_name(name: str, backend: Injected) -> Variable:
    return await backend.read(partial(variables.read, key=name))


@router.patch("/{variable_id:uuid}", status_code=status.HTTP_204_NO_CONTENT)
async def update_variable(variable_id: UUID, changes: VariableUpdate, backend: Injected) -> None:
    change = partial(variables.change, key=variable_id, changes=changes)
    await backend.write(partial(telling.changed, kind=VARIABLE, key=variable_id, change=change))


@router.patch("/name/{name:path}", status_code=status.HTTP_204_NO_CONTENT)
async def update_variable_by_name(name: str, changes: VariableUpdate, backend: Injected) -> None:
    change = partial(variables.change, key=name, changes=changes)
    await backend.write(partial(telling.changed, kind=VARIABLE, key=name, change=change))


@router.delete("/{variable_id:uuid}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_variable(variable_id: UUID, backend: Injected) -> None:
    remove = partial(variables.remove, key=variable_id)
    await backend.write(partial(telling.deleted, kind=VARIABLE, key=variable_id, remove=remove))


@router.delete("/name/{name:path}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_variable_by_name(name: str, backend: Injected) -> None:
    remove = partial(variables.remove, key=name)
    await backend.write(partial(telling.deleted, kind=VARIABLE, key=name, remove=remove))
