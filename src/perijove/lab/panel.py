"""Routes of the panel's rows."""

from perijove.deployments import rows
from perijove.errors import NotFound, ServerError
from perijove.lab.handlers import Handler, route


class RowsHandler(Handler):
    """A page of rows. No id is in what it asks for: a target that finds nothing there is another kind of server."""

    @route
    async def post(self) -> None:
        query = self.body(rows.RowQuery)
        try:
            self.answer(await rows.page(self.connection, query))
        except NotFound:
            target = await self.connection.target()
            raise ServerError(f"{target} knows nothing of deployments. The API's address ends in /api.") from None


class StripsHandler(Handler):
    """The latest and the next runs of the rows that can be seen."""

    @route
    async def post(self) -> None:
        self.answer(await rows.strips(self.connection, self.body(rows.StripQuery).deployment_ids))
