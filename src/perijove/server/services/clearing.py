"""Empty the database: for test suites, on a server that was started for them."""

from sqlalchemy import Connection, delete

from perijove.server.local_pool import LOCAL_POOL
from perijove.server.services import pools
from perijove.server.storage import work_pools
from perijove.server.storage.tables import metadata


def clear(connection: Connection) -> None:
    """Delete all that is kept, but for the local pool, if there is one."""
    is_served = work_pools.exists(connection, LOCAL_POOL.name)
    for table in metadata.tables.values():
        connection.execute(delete(table))
    if is_served:
        pools.ensure(connection, LOCAL_POOL)
