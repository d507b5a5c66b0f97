"""Which functions a decorator made flows or tasks: calling one in a notebook is a trial run."""

from perijove.notebook.things import Thing
from perijove.notebook.world import World

_LIBRARIES = ("perijove", "prefect")


def is_flow(thing: Thing, world: World) -> bool:
    """Whether a thing is a function that Perijove's or Prefect's decorator made a flow or a task."""
    for decorator in getattr(thing.definition, "decorator_list", []):
        root = decorator
        while not hasattr(root, "id") and root is not None:
            root = getattr(root, "func", None) or getattr(root, "value", None)
        if root is not None and any((made.module or "").startswith(_LIBRARIES) for made in world.things(root.id)):
            return True
    return False
