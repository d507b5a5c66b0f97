"""A file in an object storage, or anywhere else that fsspec writes to."""

from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from perijove import progress
from perijove.deployments.storages.storage import Code, Plan, Storage, slug
from perijove.errors import EntrypointError, UsageError
from perijove.pulling.remote import files_of
from perijove.pulling.storages import RemoteStorage

_BUCKETS = {
    "s3": "s3fs",
    "s3a": "s3fs",
    "gs": "gcsfs",
    "gcs": "gcsfs",
    "az": "adlfs",
    "abfs": "adlfs",
}
"""The drivers of object storages. Prefect's workers take the first word of these addresses for a bucket's name."""

_HASH = 12
"""Digits of the version that tell one folder from another."""


@dataclass(frozen=True, slots=True)
class Folder(Storage):
    """A folder by its address, such as ``s3://bucket/flows``. Each version of a file has a folder of its own below it,
    so that a run gets what was deployed, whatever is deployed meanwhile. Raises UsageError for what is no such address.
    """

    url: str

    def __post_init__(self) -> None:
        scheme, rest = urlsplit(self.url).scheme, self.url.partition("://")[2]
        if not scheme or not rest or "::" in self.url:
            raise UsageError(f"{self.url!r} is no storage: say git, or a folder's address such as s3://bucket/flows.")
        if scheme == "memory":
            raise UsageError("memory:// is this process's own memory, which no worker sees.")
        if "?" in rest or "#" in rest or (scheme not in _BUCKETS and ":" in rest.rpartition("@")[0]):
            raise UsageError(
                "Credentials would be written into the deployment: let the driver find them where it looks by itself, "
                "here and where the flow runs, and give the folder's address alone."
            )

    def plan(self, code: Code) -> Plan:
        folder = f"{self.url.rstrip('/')}/{slug(code.flow_name)}-{code.version[:_HASH]}"
        files, root = self._files(folder)
        driver = _BUCKETS.get(urlsplit(self.url).scheme)
        needed = {"requires": driver} if driver else {}
        return Plan(
            entrypoint=f"{code.inner_path}:{code.function}",
            pull_steps=[RemoteStorage(folder, needed).step()],
            facts=[("stored in", folder), ("fetched by", _readers(driver))],
            carry_out=partial(self._upload, files, f"{root}/{code.inner_path}", code.text.encode()),
        )

    def _files(self, folder: str) -> tuple[Any, str]:
        try:
            return files_of(folder, {})
        except EntrypointError as error:
            raise UsageError(f"{self.url}: {error}") from None
        except Exception as error:  # noqa: BLE001  (a driver may be anybody's)
            raise self._refused(error) from None

    def _upload(self, files: Any, path: str, content: bytes) -> None:
        try:
            if urlsplit(self.url).scheme not in _BUCKETS:  # an object storage has no folders, but might make a bucket
                files.makedirs(path.rpartition("/")[0], exist_ok=True)
            with progress.doing(f"Storing {path}"):
                files.pipe_file(path, content)
        except Exception as error:  # noqa: BLE001  (a driver may be anybody's)
            raise self._refused(error) from None

    def _refused(self, error: Exception) -> UsageError:
        said = str(error).partition("\n")[0].rstrip(".")
        return UsageError(f"{self.url} can't be written to ({type(error).__name__}{f': {said}' if said else ''}).")


def _readers(driver: str | None) -> str:
    if driver:
        return f"Perijove's and Prefect's workers that have {driver} and can read it"
    return "Perijove's workers that can read it; Prefect's take its address for an object storage's"
