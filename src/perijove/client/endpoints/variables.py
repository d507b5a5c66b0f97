"""Requests about variables."""

from perijove.client.calls import Call, endpoint
from perijove.client.endpoints.requests import delete, get, patch, post, quoted
from perijove.schemas.variables import Variable, VariableCreate, VariableQuery, VariableUpdate


class Variables:
    """Variables."""

    @endpoint
    def create_variable(self, variable: VariableCreate) -> Call[Variable]:
        return post("/variables/", variable, Variable)

    @endpoint
    def read_variable_by_name(self, name: str) -> Call[Variable]:
        return get(f"/variables/name/{quoted(name)}", Variable)

    @endpoint
    def read_variables(self, query: VariableQuery) -> Call[list[Variable]]:
        return post("/variables/filter", query, list[Variable])

    @endpoint
    def count_variables(self, query: VariableQuery) -> Call[int]:
        return post("/variables/count", query, int)

    @endpoint
    def update_variable(self, name: str, changes: VariableUpdate) -> Call[None]:
        return patch(f"/variables/name/{quoted(name)}", changes)

    @endpoint
    def delete_variable_by_name(self, name: str) -> Call[None]:
        return delete(f"/variables/name/{quoted(name)}")
