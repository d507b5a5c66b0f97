"""``deploy()``: what ``%deploy`` does, from Python, with the same words."""

import sys
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, TypedDict, Unpack, overload
from uuid import UUID

from perijove.client import targets
from perijove.deployments import authoring, define, deploying, kernels, parameters, sources
from perijove.deployments.authoring import RunnerDeployment
from perijove.deployments.define import Strategy, Wishes
from perijove.deployments.deployed import Deployed
from perijove.deployments.exporting import Exporting, Notebook
from perijove.deployments.words import did_you_mean
from perijove.errors import UsageError
from perijove.flows.definitions import FlowDefinition
from perijove.notebook.emit import fingerprint

_EXPORTING = ("out", "freeze", "include", "exclude", "force", "verify")
_MANY = ("cron", "interval", "rrule", "tags", "trigger", "freeze", "include", "exclude")
_SINGLE = (str, int, float, timedelta, Mapping)


class Words(TypedDict, total=False):
    """What may be said of a deployment: the options of ``%deploy``. What takes one also takes several.

    - name: the deployment's (default: ``default``).
    - cron, interval or every, rrule; timezone, anchor: its schedules, as in ``%deploy``; ``no_schedule``: none.
    - schedule_params, catchup, overlap: of the runs that the schedules ask for.
    - params, tags, description, version, paused, job_variables, trigger.
    - pool, queue: the work pool that runs it; concurrency, collision_strategy: how many runs at a time.
    - env: ``"isolated"`` for an environment with what its file depends on.
    - storage: ``"git"`` or a folder's address, for workers that don't share this disk; branch, access_token: of the
      repository. image: a container image in place of it.
    - out, freeze, include, exclude, force, verify: of the export, for a flow of a notebook.
    - dry_run: check and tell everything; write and change nothing.
    - target: the server: an address, ``embedded``, or a profile of Prefect's.
    """

    name: str
    cron: str | Iterable[str]
    interval: str | float | timedelta | Iterable[str | float | timedelta]
    every: str | float | timedelta | Iterable[str | float | timedelta]
    rrule: str | Iterable[str]
    timezone: str | None
    anchor: str | None
    no_schedule: bool
    schedule_params: Mapping[str, Any]
    catchup: str | None
    overlap: str | None
    params: Mapping[str, Any]
    tags: str | Iterable[str]
    description: str | None
    version: str | None
    paused: bool | None
    pool: str | None
    queue: str | None
    concurrency: int | None
    collision_strategy: Strategy | None
    env: Literal["isolated"] | None
    job_variables: Mapping[str, Any]
    storage: str | None
    branch: str | None
    access_token: str | None
    image: str | None
    trigger: Any
    out: str | Path | None
    freeze: str | Iterable[str]
    include: str | Iterable[str]
    exclude: str | Iterable[str]
    force: bool
    verify: bool
    dry_run: bool
    target: str | None


@overload
def deploy(flow: FlowDefinition, /, **words: Unpack[Words]) -> Deployed: ...
@overload
def deploy(
    *deployments: RunnerDeployment, work_pool_name: str | None = None, print_next_steps_message: bool = True
) -> list[UUID]: ...
def deploy(*what: Any, **words: Any) -> Any:
    """Deploy a flow, of a notebook or of a file: ``deploy(report, name="prod", cron="0 8 * * *", tags=["finance"])``.

    The words are those of ``%deploy``: name, cron, interval or every, rrule, timezone, anchor, no_schedule,
    schedule_params, catchup, overlap, params, tags, description, version, paused, pool, queue, concurrency,
    collision_strategy, env, job_variables, storage, branch, access_token, image, trigger, out, freeze, include,
    exclude, force, verify, dry_run, target.
    Returns what was done, which shows itself. Raises PerijoveError; what is refused has changed nothing.

    Given deployments that ``to_deployment`` made, it deploys them all and returns their ids, as Prefect's does.
    """
    if not what or isinstance(what[0], RunnerDeployment):
        return authoring.deploy(*what, **words)
    if len(what) > 1 or not hasattr(what[0], "fn"):
        raise UsageError("deploy() takes one flow, or what its to_deployment() gave.")
    _check(words)
    target, dry_run = words.pop("target", None), words.pop("dry_run", False)
    with targets.chosen(target) if target else nullcontext():
        return _deploy(what[0], words, dry_run=dry_run)


def _check(words: Mapping[str, Any]) -> None:
    for name in words.keys() - Words.__annotations__.keys():
        hint = did_you_mean(name, Words.__annotations__) or " `help(deploy)` lists them."
        raise UsageError(f"deploy() has no word {name!r}.{hint}")


def _deploy(flow: Any, words: dict[str, Any], *, dry_run: bool) -> Deployed:
    said: dict[str, Any] = {
        name: _several(word) if name in _MANY else word for name, word in _one_interval(words).items()
    }
    how = {name: said.pop(name) for name in _EXPORTING if name in said}
    wishes = _wishes({"description": flow.description, **said})
    notebook = kernels.running()
    name = _name_in(notebook, flow)
    if notebook is None or name is None:
        return _deploy_written(flow, wishes, how, dry_run=dry_run)
    out = how.pop("out", None)
    exporting = Exporting(
        out=Path(out) if out else None, forewarn=lambda sentence: sys.stderr.write(f"{sentence}\n"), **how
    )
    live = deploying.interface_of(flow)
    return deploying.deploy_notebook(notebook, name, wishes, exporting, live=live, dry_run=dry_run)


def _deploy_written(flow: Any, wishes: Wishes, how: Mapping[str, Any], *, dry_run: bool) -> Deployed:
    """Deploy a flow that lies in a file, as it stands."""
    if how:
        raise UsageError(
            f"{', '.join(how)}: these are of an export, and the flow lies in a file, which is not exported."
        )
    source, file = sources.of(flow), sources.file_of(flow)
    text = file.read_text("utf-8")
    source = replace(source, version=source.version or fingerprint(text))
    wishes = define.settle(wishes, flow_name=source.flow_name, parameter_schema=source.parameter_schema)
    return deploying.deploy_source(source, wishes, text, of=file.name, dry_run=dry_run)


def _wishes(said: Mapping[str, Any]) -> Wishes:
    """The wishes; values come as they are, where a command has them as text."""
    values = {name: parameters.jsonable(said[name]) for name in ("params", "job_variables") if name in said}
    scheduled = parameters.as_words(parameters.jsonable(said.get("schedule_params") or {}))
    plain = {name: word for name, word in said.items() if name not in values}
    wishes = define.wish(**{**plain, "schedule_params": scheduled})
    return replace(wishes, parameters=values.get("params", {}), job_variables=values.get("job_variables", {}))


def _one_interval(words: Mapping[str, Any]) -> dict[str, Any]:
    """``every`` is another word for ``interval``."""
    intervals = [each for name in ("interval", "every") if name in words for each in _several(words[name])]
    rest = {name: word for name, word in words.items() if name != "every"}
    return {**rest, "interval": intervals} if intervals else rest


def _several(given: Any) -> list[Any]:
    if given is None:
        return []
    return [given] if isinstance(given, _SINGLE) else list(given)


def _name_in(notebook: Notebook | None, flow: Any) -> str | None:
    """What the notebook's cells call the flow that they define; None for one that was imported."""
    if notebook is None or flow.fn.__module__ != "__main__" or getattr(flow, "origin", None):
        return None
    live = notebook.live or {}
    names = [flow.fn.__name__, *(name for name in live if not name.startswith("_"))]
    return next((name for name in names if live.get(name) is flow), None)
