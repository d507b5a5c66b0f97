"""Which storage a command's options ask for."""

from perijove.deployments.storages.branches import Branch
from perijove.deployments.storages.folders import Folder
from perijove.deployments.storages.images import Image
from perijove.deployments.storages.storage import Storage
from perijove.errors import UsageError

GIT = "git"


def chosen(
    storage: str | None, *, branch: str | None = None, access_token: str | None = None, image: str | None = None
) -> Storage | None:
    """The storage of ``--storage``, ``--branch``, ``--access-token`` and ``--image``; None where none is said.

    Raises UsageError for words that mean none, or do not go together.
    """
    if storage != GIT and (branch or access_token):
        raise UsageError("A branch and an access token are of a repository: give --storage git, too.")
    if storage and image:
        raise UsageError("An image has the file in it: give either --storage or --image.")
    if image:
        return Image(image)
    if storage is None:
        return None
    return Branch(branch, access_token) if storage == GIT else Folder(storage)
