"""From a notebook or a file to a deployment: everything is checked before a file is written or a server changed."""

import ast
import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from perijove import progress
from perijove.client import SyncClient, get_client
from perijove.deployments import dependencies, storing
from perijove.deployments.apply import LOCAL_POOL, apply, placed, rehearse
from perijove.deployments.define import Source, Wishes, check_name, settle
from perijove.deployments.deployed import Deployed
from perijove.deployments.exporting import Exporting, Notebook
from perijove.errors import EntrypointError, UsageError
from perijove.flows.parameters import parameter_schema
from perijove.notebook.emit import fingerprint
from perijove.notebook.verify import Interface, require_same, verify
from perijove.schemas.work import EXECUTE

PREFECT_ENGINE = "prefect.flow_engine"
"""What a worker imports before it runs flows of Prefect's own kind."""


def deploy_notebook(
    notebook: Notebook,
    function: str,
    wishes: Wishes,
    how: Exporting,
    *,
    live: Interface | None = None,
    dry_run: bool = False,
) -> Deployed:
    """Export ``function`` and deploy it. ``dry_run`` writes no file and changes nothing on the server.

    ``live`` is what a kernel knows of its flow; None: what the export's verification finds counts.
    Raises ExportError, PathError, UsageError, ParameterError, ServerError; what is refused has changed nothing.
    """
    check_name(wishes.name)
    if live:
        settle(wishes, flow_name=live.name, parameter_schema=live.parameters or {})
    notebook.require_inside(how.out)
    rehearsal = notebook.rehearse(function, how, quiet=dry_run)
    found = _one_of(live, rehearsal.interface, function)
    wishes = settle(wishes, flow_name=found.name, parameter_schema=found.parameters or {})
    with get_client(sync_client=True) as client:
        source = Source(
            flow_name=found.name,
            entrypoint=rehearsal.entrypoint,
            directory=notebook.directory,
            parameter_schema=found.parameters or {},
            description=docstring(rehearsal.source, function),
            version=rehearsal.fingerprint,
        )
        wishes = _furnished(client, placed(client, wishes), rehearsal.source, of=rehearsal.path.name)
        source, wishes, plan = storing.plan(client, source, wishes, rehearsal.source)
        replaced = _text(rehearsal.path)
        if plan and not dry_run:
            plan.carry_out()
        written = rehearsal if dry_run else notebook.export(function, replace(how, verify=False, forewarn=None))
        applied = (rehearse if dry_run else apply)(client, source, wishes)
    export = replace(written, warnings=rehearsal.warnings)
    return Deployed(source, wishes, applied, export, replaced, dry_run, plan)


def deploy_file(path: Path, function: str, wishes: Wishes, *, dry_run: bool = False) -> Deployed:
    """Deploy a flow that a Python file already holds; the file stays where it is. Raises as ``deploy_notebook``."""
    check_name(wishes.name)
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise EntrypointError(f"{path} can't be read: {error}. Give the path of a Python file.") from None
    directory = path.parent.resolve()
    with progress.doing(f"Checking {path.name} in a clean process"):
        found = _flow(verify(path.resolve(), function, directory=directory, locate=lambda _: None).interface, function)
    wishes = settle(wishes, flow_name=found.name, parameter_schema=found.parameters or {})
    source = Source(
        flow_name=found.name,
        entrypoint=f"{path.name}:{function}",
        directory=directory,
        parameter_schema=found.parameters or {},
        description=docstring(text, function),
        version=fingerprint(text),
    )
    return deploy_source(source, wishes, text, of=path.name, dry_run=dry_run)


def deploy_source(source: Source, wishes: Wishes, text: str, *, of: str, dry_run: bool) -> Deployed:
    """Deploy a flow whose file, called ``of``, holds this text. The wishes are settled. Raises as ``deploy_file``."""
    with get_client(sync_client=True) as client:
        wishes = _furnished(client, placed(client, wishes), text, of=of)
        source, wishes, plan = storing.plan(client, source, wishes, text)
        if plan and not dry_run:
            plan.carry_out()
        applied = (rehearse if dry_run else apply)(client, source, wishes)
    return Deployed(source, wishes, applied, dry_run=dry_run, plan=plan)


def _text(path: Path) -> str | None:
    """What the file holds; None where there is none to read."""
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def _furnished(client: SyncClient, wishes: Wishes, text: str, *, of: str) -> Wishes:
    """The wishes with all that the file ``of`` this text needs of a worker. Raises UsageError."""
    wishes = _commanded(client, wishes) if not _imports(text, "prefect") else _warmed(client, wishes)
    if not wishes.isolated:
        return wishes
    return replace(wishes, job_variables={**dependencies.job_variables(text, of=of), **wishes.job_variables})


def _commanded(client: SyncClient, wishes: Wishes) -> Wishes:
    """The wishes so that other workers than ours, which know no flows but Prefect's own, start one of ours."""
    if wishes.work_pool in (None, LOCAL_POOL):
        return wishes
    known = client.read_work_pool(wishes.work_pool).base_job_template.get("variables", {}).get("properties", {})
    if "command" not in known:
        return wishes
    python = "python" if wishes.storage else sys.executable
    return replace(wishes, job_variables={"command": shlex.join([python, *EXECUTE]), **wishes.job_variables})


def _warmed(client: SyncClient, wishes: Wishes) -> Wishes:
    """The wishes so that our own worker has Prefect at hand for a flow that needs it: importing it takes a second."""
    if client.target.kind != "embedded":
        return wishes
    return replace(wishes, job_variables={"preload": [PREFECT_ENGINE], **wishes.job_variables})


def _imports(text: str, package: str) -> bool:
    """Whether the module imports the package as a whole, at its top."""
    statements = ast.parse(text).body
    named = [alias.name for each in statements if isinstance(each, ast.Import) for alias in each.names]
    named += [each.module or "" for each in statements if isinstance(each, ast.ImportFrom)]
    return any(name.partition(".")[0] == package for name in named)


def interface_of(flow: Any) -> Interface:
    """What a live flow, of Perijove's or of Prefect's kind, takes."""
    return Interface(kind="flow", name=flow.name, parameters=parameter_schema(flow.fn))


def docstring(source: str, function: str) -> str | None:
    """The docstring of the module's function of that name."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == function:
            return ast.get_docstring(node)
    return None


def _one_of(live: Interface | None, exported: Interface | None, function: str) -> Interface:
    """The flow's interface; where the kernel's and the export's are both known, they must be the same."""
    if live and exported:
        require_same(live, exported)
    found = live or exported
    if found is None:
        raise UsageError(f"What `{function}` takes is known by importing its export: leave out --no-verify.")
    return _flow(found, function)


def _flow(found: Interface, function: str) -> Interface:
    if found.kind != "flow":
        raise UsageError(f"`{function}` is a function, not a flow: write @flow above it to deploy it.")
    return found
