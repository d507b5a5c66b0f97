"""How widgets show themselves: a live view, and under it the picture that a saved notebook keeps."""

from functools import cache
from pathlib import Path
from typing import Any

from IPython.display import DisplayHandle, display

_STATIC = Path(__file__).parent / "static"


@cache
def script(name: str, *parts: str) -> str:
    """A view's ES module, whole, with the parts that it has of others: pages without our labextension have nothing
    else."""
    return _joined("elements.js", *(f"{part}.js" for part in (*parts, name)))


@cache
def style(name: str, *parts: str) -> str:
    """A view's style sheet, whole."""
    return _joined("base.css", *(f"{part}.css" for part in (*parts, name)))


def show(widget: Any, text: str) -> None:
    """Publish a widget's live view; ``text`` is for where there are no widgets."""
    view = {"version_major": 2, "version_minor": 1, "model_id": widget.model_id}
    display({"text/plain": text, "application/vnd.jupyter.widget-view+json": view}, raw=True)  # type: ignore[no-untyped-call]


def show_picture(html: str, text: str = "") -> DisplayHandle | None:
    """Publish a picture under the view; it can be drawn anew. A page with a live view hides it. ``text`` is for where
    there is no HTML, unless the view's own text says it all."""
    shown: DisplayHandle | None = display(_pictured(html, text), raw=True, display_id=True)  # type: ignore[no-untyped-call]
    return shown


def draw_anew(handle: DisplayHandle | None, html: str, text: str = "") -> None:
    """Put another picture in the place of one that was shown."""
    if handle is not None:
        handle.update(_pictured(html, text), raw=True)  # type: ignore[no-untyped-call]


def _pictured(html: str, text: str) -> dict[str, str]:
    return {"text/html": html, "text/plain": text}


def _joined(*names: str) -> str:
    return "\n".join((_STATIC / name).read_text("utf-8") for name in names)
