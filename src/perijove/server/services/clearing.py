"""Empty the database: for test suites, on a server that was started for them."""

from sqlalchemy import Connection, delete

from perijove.errors import NotFound
from perijove.server.local_pool import LOCAL_POOL
from perijove.server.storage import work_pools
from perijove.server.storage.tables import metadata


def clear(connection: Connection) -> None:
    """Delete all that is kept, but for the local pool."""
    for table in metadata.tables.values():
        connection.execute(delete(table))
    ensure_local_pool(connection)


def ensure_local_pool(connection: Connection) -> None:
    """Make the local pool, if there is none."""
    try:
        work_pools.read(connection, LOCAL_POOL.name)
    except NotFound:
        work_pools.create(connection, LOCAL_POOL)
