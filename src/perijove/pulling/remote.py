"""Files from object storage, by fsspec, which brings a driver for each kind (``pip install 'perijove[remote]'``)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from perijove.errors import EntrypointError
from perijove.pulling.directories import inside


def pull_from_remote_storage(url: str, **settings: Any) -> dict[str, str]:
    """Copy all below the address (``s3://bucket/folder``) into the working directory. Gives ``directory``.

    ``settings`` are the driver's own. Raises EntrypointError.
    """
    place = Path.cwd()
    files, root = files_of(url, settings)
    found = files.find(root)
    if not found:
        raise EntrypointError(f"there is nothing at {url.partition('?')[0]}.")
    for remote in found:
        local = inside(place, remote.removeprefix(root).lstrip("/") or Path(remote).name)
        local.parent.mkdir(parents=True, exist_ok=True)
        files.get_file(remote, str(local))
    return {"directory": str(place)}


def files_of(url: str, settings: Mapping[str, Any]) -> tuple[Any, str]:
    """The driver for the address, and what it calls the place. Raises EntrypointError where there is none."""
    try:
        from fsspec.core import url_to_fs  # an extra, which only this needs

        files, root = url_to_fs(url, **settings)
    except ImportError:
        raise EntrypointError(
            "no driver for it is here. pip install 'perijove[remote]' and the driver's own."
        ) from None
    except ValueError:
        raise EntrypointError("its address is of no kind that fsspec knows.") from None
    return files, str(root).rstrip("/")


def pull_from_s3(
    bucket: str,
    folder: str = "",
    credentials: Mapping[str, Any] | None = None,
    client_parameters: Mapping[str, Any] | None = None,
) -> dict[str, str]:
    """Copy a folder of an S3 bucket. ``credentials``: ``aws_access_key_id`` and ``aws_secret_access_key``, or none."""
    known = dict(credentials or {})
    settings = {"key": known.get("aws_access_key_id"), "secret": known.get("aws_secret_access_key")}
    settings["token"] = known.get("aws_session_token")
    pulled = pull_from_remote_storage(
        f"s3://{bucket}/{folder}", client_kwargs=dict(client_parameters or {}), **_given(settings)
    )
    return {"bucket": bucket, "folder": folder, **pulled}


def pull_from_gcs(
    bucket: str, folder: str = "", project: str | None = None, credentials: Mapping[str, Any] | None = None
) -> dict[str, str]:
    """Copy a folder of a Google Cloud Storage bucket. ``credentials``: a service account's, as its JSON file has it."""
    known = dict(credentials or {})
    settings = {"project": project, "token": known.get("service_account_info") or known or None}
    return {
        "bucket": bucket,
        "folder": folder,
        **pull_from_remote_storage(f"gcs://{bucket}/{folder}", **_given(settings)),
    }


def pull_from_azure_blob_storage(
    container: str, folder: str = "", credentials: Mapping[str, Any] | None = None
) -> dict[str, str]:
    """Copy a folder of an Azure container. ``credentials``: a ``connection_string``, or adlfs' own."""
    pulled = pull_from_remote_storage(f"az://{container}/{folder}", **dict(credentials or {}))
    return {"container": container, "folder": folder, **pulled}


def _given(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if value is not None}
