"""Every exception that Perijove raises on purpose.

PerijoveError
├── ScheduleError            a cron, interval, rrule, anchor or timezone that means nothing
├── ParameterError           arguments that the flow's signature or schema refuses
├── EntrypointError          a file or module that does not hold the flow it should
├── ExportError              a notebook's function that can't become a module
├── PathError                a path that leaves its root
├── UsageError               a command that can't be understood
├── MissingResult            a run whose result was not kept, or can't be read from here
├── FlowRunFailed            a run, waited for by its caller, that did not complete
│   └── UpstreamFailed       a task run that was not begun, since one that it waits for did not complete
├── SettingsError            perijove.toml or an environment variable that means nothing
├── ServerStartError         the embedded server can't be started here
└── ServerError              a server that could not do what it was asked
    ├── ServerUnavailable    nothing answers at the target's address
    └── ApiError             the server answered with a refusal (``status``, ``detail``)
        ├── NotAuthenticated 401, 403
        ├── NotFound         404
        └── Invalid          400, 409, 422

Each message says what happened, to which deployment, cell or line, and what to do next. Whoever meets a
``PerijoveError`` at an edge (a magic, the CLI) prints the message alone: it is written for the user.
"""


class PerijoveError(Exception):
    """Anything that Perijove can explain in a sentence."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in place of a traceback."""
        return [f"{type(self).__name__}: {self}"]


class ScheduleError(PerijoveError, ValueError):
    """A cron, interval, rrule, anchor or timezone that means nothing."""


class ParameterError(PerijoveError, TypeError):
    """Arguments that the flow's signature or schema refuses."""


class EntrypointError(PerijoveError):
    """A file or module that does not hold the flow it should."""


class ExportError(PerijoveError):
    """A notebook's function that can't become a module.

    ``cell`` is the cell's number as the user sees it (from 1) and ``line`` the line in it (from 1); both are None
    where no single place is to blame.
    """

    def __init__(self, message: str, *, cell: int | None = None, line: int | None = None) -> None:
        super().__init__(message)
        self.cell = cell
        self.line = line


class PathError(PerijoveError):
    """A path that leaves its root."""


class UsageError(PerijoveError):
    """A command that can't be understood."""


class MissingResult(PerijoveError):
    """A run whose result was not kept, or can't be read from here."""


class FlowRunFailed(PerijoveError):
    """A run, waited for by its caller, that did not complete."""


class UpstreamFailed(FlowRunFailed):
    """A task run that was not begun, since one that it waits for did not complete."""


class SettingsError(PerijoveError):
    """perijove.toml or an environment variable that means nothing."""


class ServerStartError(PerijoveError):
    """The embedded server can't be started here."""


class ServerError(PerijoveError):
    """A server that could not do what it was asked."""


class ServerUnavailable(ServerError):
    """Nothing answers at the target's address."""


class ApiError(ServerError):
    """The server answered with a refusal: ``status`` is HTTP's, ``detail`` the server's reason in words."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


class NotAuthenticated(ApiError):
    """The server does not know this token (401, 403)."""


class NotFound(ApiError):
    """The server has no such thing (404)."""


class Invalid(ApiError):
    """The server refuses what it was sent (400, 409, 422)."""
