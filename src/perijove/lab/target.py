"""Which server the sidebar speaks to, and whether that can be spoken to."""

import httpx2 as httpx

from perijove.lab.handlers import Handler, route


class TargetHandler(Handler):
    """The target as it is; one that can't be used is answered with the reason. POST starts the embedded server."""

    @route
    async def get(self) -> None:
        await self._describe()

    @route
    async def post(self) -> None:
        await self.connection.start()
        await self._describe()

    async def _describe(self) -> None:
        target = await self.connection.target()
        version = await self.connection.read_version()
        address = str(httpx.URL(target.api_url).copy_with(userinfo=b""))
        self.answer({"kind": target.kind, "api_url": address, "version": version})
