"""What the views over many deployments share: they listen to a server, ask it things, and leave a picture behind."""

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

import anywidget

from perijove.client import AsyncClient, Target, targets
from perijove.errors import PerijoveError
from perijove.widgets import changes, showing
from perijove.widgets.background import begin
from perijove.widgets.changes import Changed

if TYPE_CHECKING:
    from concurrent.futures import Future

    from IPython.display import DisplayHandle

REST = 5.0
"""Seconds between two drawings of the picture that a saved notebook keeps: each makes the notebook a changed one."""


class LiveView(anywidget.AnyWidget):
    """A view of ``target``'s deployments. It listens from when a page shows it until it is closed."""

    def __init__(self, target: Target, **state: Any) -> None:
        super().__init__(**state)
        self._target = target
        self._following: Future[None] | None = None
        self._at_work: set[Future[None]] = set()
        self._pictured: DisplayHandle | None = None
        self._drawing: Future[None] | None = None
        self.on_msg(self._hear)

    def read(self) -> None:
        """Read all that is shown, and return when it is known. Raises ServerError."""
        begin(self._read_all()).result()

    def picture(self) -> str:
        """What is shown, as HTML that needs no kernel, widget or script."""
        raise NotImplementedError

    def close(self) -> None:
        """Listen to the server no more."""
        for each in (self._following, self._drawing, *self._at_work):
            if each is not None:
                each.cancel()
        super().close()

    # -- what is for each view to say; abc can't hold them to it, for widgets have a metaclass of their own ---------

    async def _read(self, client: AsyncClient) -> None:
        """Read anew all that is shown."""
        raise NotImplementedError

    async def _take(self, client: AsyncClient, changed: Changed) -> None:
        """Read anew what has changed, and tell the page."""
        raise NotImplementedError

    def _tell(self) -> None:
        """Tell the page all that is known."""
        raise NotImplementedError

    def _heard(self, message: Any) -> None:
        """Do what the page asks for."""

    # -- how they do it --------------------------------------------------------------------------------------------

    def _hear(self, _: object, message: Any, __: object) -> None:
        match message:
            case {"type": "attach"}:
                self._tell()
                if self._following is None or self._following.done():
                    self._following = begin(self._follow())
            case {"type": "reload"}:
                self._do(self._read_all())
                self._hear(None, {"type": "attach"}, None)
            case _:
                self._heard(message)

    async def _follow(self) -> None:
        try:
            await changes.follow(targets.found_again(self._target), self._take_in)
        except* PerijoveError as group:
            self._say_problem(group.exceptions[0])

    async def _take_in(self, changed: Changed) -> None:
        async with self._client() as client:
            await self._take(client, changed)
        self._draw_anew()

    async def _read_all(self) -> None:
        async with self._client() as client:
            await self._read(client)
        self._tell()
        self._draw_anew()

    def _client(self) -> AsyncClient:
        return AsyncClient(targets.found_again(self._target))

    def _do(self, work: Coroutine[Any, Any, None]) -> "Future[None]":
        """Have the work done beside what the kernel does; the page is told why it can't be."""
        begun = begin(self._done(work))
        self._at_work.add(begun)
        begun.add_done_callback(self._at_work.discard)
        return begun

    async def _done(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except PerijoveError as error:
            self._say_problem(error)

    def _say_problem(self, error: BaseException) -> None:
        self.send({"type": "problem", "message": str(error)})

    # -- how they are shown ----------------------------------------------------------------------------------------

    def _draw_anew(self) -> None:
        """Have the picture drawn anew in a while, unless it will be."""
        if self._pictured is not None and (self._drawing is None or self._drawing.done()):
            self._drawing = begin(self._draw())

    async def _draw(self) -> None:
        await asyncio.sleep(REST)
        with contextlib.suppress(PerijoveError):
            showing.draw_anew(self._pictured, self.picture(), repr(self))

    def _ipython_display_(self) -> None:
        """The live view, and under it the picture that a saved notebook keeps; the view hides it while it lives."""
        showing.show(self, "The live view needs a page with widgets. What it showed last:")
        self._pictured = showing.show_picture(self.picture(), repr(self))
