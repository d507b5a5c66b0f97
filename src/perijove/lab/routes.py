"""Every route of the extension, in one table."""

from jupyter_server.base.handlers import JupyterHandler

from perijove.lab.bulk import BulkHandler
from perijove.lab.details import ResultHandler, SecretsHandler, TriggersHandler
from perijove.lab.logs import LogsHandler
from perijove.lab.notebooks import ExportHandler, FlowsHandler
from perijove.lab.origins import ChangedHandler, OriginHandler
from perijove.lab.panel import RowsHandler, StripsHandler
from perijove.lab.schedules import PreviewHandler, TimezonesHandler, WordsHandler
from perijove.lab.target import TargetHandler
from perijove.lab.wire import PREFIX, WireHandler

ROUTES: list[tuple[str, type[JupyterHandler]]] = [
    (r"/perijove/target", TargetHandler),
    (r"/perijove/rows", RowsHandler),
    (r"/perijove/bulk", BulkHandler),
    (r"/perijove/strips", StripsHandler),
    (r"/perijove/schedules/preview", PreviewHandler),
    (r"/perijove/schedules/words", WordsHandler),
    (r"/perijove/notebook/flows", FlowsHandler),
    (r"/perijove/notebook/changed", ChangedHandler),
    (r"/perijove/notebook/export", ExportHandler),
    (r"/perijove/triggers/(.*)", TriggersHandler),
    (r"/perijove/secrets/(.*)", SecretsHandler),
    (r"/perijove/origin/(.*)", OriginHandler),
    (r"/perijove/result/(.*)", ResultHandler),
    (r"/perijove/logs/(.*)", LogsHandler),
    (r"/perijove/timezones", TimezonesHandler),
    (rf"{PREFIX}(.*)", WireHandler),
]
