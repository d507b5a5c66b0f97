"""What a run shows of its work while it goes on: tables, texts, links and progress. Prefect's functions, by name.

Each gives the artifact's id, which may also be awaited. Where no server knows of the run, nothing is kept; where the
server fails, the run goes on with a warning. As Prefect's client does, each tells an event, so that nobody who shows
the run has to ask again and again.
"""

import json
from collections.abc import Generator, Iterable, Iterator, Sized
from typing import TYPE_CHECKING, Any, Self, TypeVar
from uuid import UUID, uuid4

from pydantic_core import to_jsonable_python

from perijove import clock, flows
from perijove.errors import ServerError, UsageError
from perijove.flows.runs import current_flow_run, current_task_run
from perijove.schemas.artifacts import Artifact, ArtifactCreate, ArtifactUpdate
from perijove.schemas.events import ID, NAME, ROLE, Event

if TYPE_CHECKING:
    from perijove.flows.reporting import Reporter

PATIENCE = 10.0
"""Seconds that the server may take to keep an artifact."""

UPDATES = 0.2
"""Seconds between two updates of a progress that ``track`` sends, at least."""

T = TypeVar("T")
Table = dict[str, list[Any]] | list[dict[str, Any]] | list[list[Any]]


class ArtifactId(UUID):
    """An artifact's id. It may also be awaited, which gives it back at once."""

    @classmethod
    def of(cls, known: UUID) -> Self:
        return cls(int=known.int)

    def __await__(self) -> Generator[Any, None, Self]:
        yield from ()
        return self


def create_table_artifact(table: Table, key: str | None = None, description: str | None = None) -> ArtifactId:
    """Show a table: a list of rows (dicts or lists), or columns by name. Raises UsageError for a bad key."""
    return _create("table", json.dumps(to_jsonable_python(table, serialize_unknown=True)), key, description)


def create_markdown_artifact(markdown: str, key: str | None = None, description: str | None = None) -> ArtifactId:
    """Show text in Markdown. Raises UsageError for a bad key."""
    return _create("markdown", markdown, key, description)


def create_link_artifact(
    link: str, link_text: str | None = None, key: str | None = None, description: str | None = None
) -> ArtifactId:
    """Show a link, which is Markdown as in Prefect. Raises UsageError for a bad key."""
    return _create("markdown", f"[{link_text or link}]({link})", key, description)


def create_image_artifact(image_url: str, key: str | None = None, description: str | None = None) -> ArtifactId:
    """Show an image that lies at a public address. Raises UsageError for a bad key."""
    return _create("image", image_url, key, description)


def create_progress_artifact(progress: float, key: str | None = None, description: str | None = None) -> ArtifactId:
    """Show how far the run has come, from 0 to 100. Raises UsageError for a bad key or number."""
    return _create("progress", _percent(progress), key, description)


def update_progress_artifact(artifact_id: UUID, progress: float, description: str | None = None) -> ArtifactId:
    """Show that the run has come so far, from 0 to 100. Doesn't wait for the server. Raises UsageError."""
    said = {"description": description} if description is not None else {}
    changes = ArtifactUpdate(data=_percent(progress), **said)
    if reporter := _reporter():
        known = UUID(int=artifact_id.int)
        reporter.ask(lambda client: client.update_artifact(known, changes), persistent=False)
        reporter.tell(_event("updated", known, changes.model_dump(mode="json", exclude_unset=True)))
    return ArtifactId.of(artifact_id)


def track(
    iterable: Iterable[T], description: str | None = None, *, total: int | None = None, key: str | None = None
) -> Iterator[T]:
    """The items one after the other, with their progress shown live.

    ``total``: how many there are, where ``len()`` can't tell; where nobody can, the description counts them.
    """
    total = len(iterable) if total is None and isinstance(iterable, Sized) else total
    artifact = create_progress_artifact(0.0, key, description)
    shown, done = clock.monotonic(), 0
    for item in iterable:
        yield item
        done += 1
        if clock.monotonic() - shown >= UPDATES:
            shown = clock.monotonic()
            _show(artifact, done, total, description)
    _show(artifact, done, done, description)


def _show(artifact: ArtifactId, done: int, total: int | None, description: str | None) -> None:
    if total is None:
        update_progress_artifact(artifact, 0.0, f"{description or 'Items'}: {done:,} so far")
    else:
        update_progress_artifact(artifact, 100.0 * min(done, total) / total if total else 100.0, description)


def _create(kind: str, data: Any, key: str | None, description: str | None) -> ArtifactId:
    flow_run, task_run = current_flow_run(), current_task_run()
    try:
        wanted = ArtifactCreate(
            key=key,
            type=kind,
            data=data,
            description=description,
            flow_run_id=flow_run.id if flow_run else None,
            task_run_id=task_run.id if task_run else None,
        )
    except ValueError:
        raise UsageError(f"{key!r} can't be an artifact's key: it has small letters, digits and hyphens.") from None
    reporter = _reporter()
    made = _asked(reporter, wanted) if reporter else None
    if reporter and made:
        reporter.tell(_event("created", made.id, made.model_dump(include={"key", "type", "description"}), made.key))
    return ArtifactId.of(made.id if made else uuid4())


def _asked(reporter: "Reporter", wanted: ArtifactCreate) -> Artifact | None:
    try:
        return reporter.ask(lambda client: client.create_artifact(wanted), persistent=False).result(PATIENCE)
    except (ServerError, TimeoutError) as error:
        reporter.warn(error)
        return None


def _event(what: str, artifact_id: UUID, payload: dict[str, Any], key: str | None = None) -> Event:
    flow_run = current_flow_run()
    return Event(
        event=f"prefect.artifact.{what}",
        resource={ID: f"prefect.artifact.{artifact_id}", **({NAME: key} if key else {})},
        related=[{ID: f"prefect.flow-run.{flow_run.id}", ROLE: "flow-run"}] if flow_run else [],
        payload=payload,
    )


def _reporter() -> "Reporter | None":
    """The one that speaks for the run; outside of a run, the one to the running server."""
    flow_run = current_flow_run()
    return flow_run.reporter if flow_run else flows.reporting.find()


def _percent(progress: float) -> float:
    if not 0 <= progress <= 100:
        raise UsageError(f"A progress of {progress} is none: 0 to 100 is meant.")
    return float(progress)
