"""Routes of the panel's rows."""

from perijove.lab import rows
from perijove.lab.handlers import Handler, route


class RowsHandler(Handler):
    """A page of rows."""

    @route
    async def post(self) -> None:
        self.answer(await rows.page(self.connection, self.body(rows.RowQuery)))


class StripsHandler(Handler):
    """The latest and the next runs of the rows that can be seen."""

    @route
    async def post(self) -> None:
        self.answer(await rows.strips(self.connection, self.body(rows.StripQuery).deployment_ids))
