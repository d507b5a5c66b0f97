"""Every route of the extension, in one table."""

from perijove.lab.handlers import Handler
from perijove.lab.notebooks import ExportHandler, FlowsHandler
from perijove.lab.panel import RowsHandler, StripsHandler
from perijove.lab.schedules import PreviewHandler, TimezonesHandler, WordsHandler
from perijove.lab.target import TargetHandler
from perijove.lab.wire import PREFIX, WireHandler

ROUTES: list[tuple[str, type[Handler]]] = [
    (r"/perijove/target", TargetHandler),
    (r"/perijove/rows", RowsHandler),
    (r"/perijove/strips", StripsHandler),
    (r"/perijove/schedules/preview", PreviewHandler),
    (r"/perijove/schedules/words", WordsHandler),
    (r"/perijove/notebook/flows", FlowsHandler),
    (r"/perijove/notebook/export", ExportHandler),
    (r"/perijove/timezones", TimezonesHandler),
    (rf"{PREFIX}(.*)", WireHandler),
]
