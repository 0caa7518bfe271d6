"""Fetching published weights from the Hugging Face Hub into a cache of our own.

Nothing is fetched without being asked for: only `pull` uses the network. These environment
variables are honoured:

* ``HF_ENDPOINT``: another address of the Hub (default https://huggingface.co);
* ``HF_TOKEN``: sent to the Hub, and to no other host;
* ``HF_HUB_OFFLINE``: 1 forbids the network; files in the cache can still be used;
* ``FGAESQ_CACHE``: the cache folder (default: fgaesq in ``XDG_CACHE_HOME`` or in ~/.cache).
"""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

from fgaesq.errors import WeightsError
from fgaesq.models.hub_http import (
    Announced,
    Corrupted,
    Interrupted,
    Progress,
    Refused,
    download,
)
from fgaesq.storage.digests import file_sha256

__all__ = ["LICENCE_NOTE", "cache_root", "pull"]

LICENCE_NOTE: Final = (
    "The released FGAesQ weights carry no licence, neither in their repository nor on the Hub, so "
    "nobody but their authors may grant their use. They derive from OpenAI's CLIP (MIT) and were "
    "trained on AVA and FGAesthetics, whose photos have terms of their own. fgaesq does not "
    "distribute them; whether you may use them is for you to settle with their authors."
)
"""To be shown before released weights are fetched or imported."""

_ENDPOINT = "https://huggingface.co"
_ATTEMPTS = 5
_FIRST_PAUSE_S = 1.0
_REPO = re.compile(r"[\w.-]+/[\w.-]+")
_DISK_FULL = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})
_TRUE = frozenset({"1", "ON", "YES", "TRUE"})


def pull(
    repo: str = "yzc002/FGAesQ",
    filename: str = "FGAesQ.pt",
    *,
    revision: str = "main",
    cache_dir: Path | None = None,
    progress: Progress | None = None,
) -> Path:
    """Return the path of a published file, fetching it if it is not in the cache yet.

    An interrupted download goes on where it stopped, also in a later call. The size and, where the
    Hub announces it, the sha256 are verified; both are recorded with the origin in a JSON file
    beside the file. A file in the cache is verified against that record and never updated: delete
    it to fetch a newer one.

    Args:
        repo: "owner/name" of a model repository.
        filename: the file's path in the repository.
        revision: branch, tag or commit.
        cache_dir: cache folder to use instead of `cache_root()`.
        progress: called with (bytes so far, total bytes or None) during a download.

    Raises:
        WeightsError: names are malformed; the file is refused, unreachable, damaged, does not fit
            the disk, or is not in the cache while offline.
    """
    url = _url(repo, filename, revision)
    root = cache_root() if cache_dir is None else cache_dir
    folder = root / "hub" / repo.replace("/", "--") / revision.replace("/", "--")
    target = folder / filename
    if _is_cached(target):
        return target
    if os.environ.get("HF_HUB_OFFLINE", "").upper() in _TRUE:
        raise WeightsError(
            f"{repo}/{filename}: not in the cache ({target}) and HF_HUB_OFFLINE forbids fetching "
            "it; unset HF_HUB_OFFLINE, or copy the file with its .json from another cache"
        )
    part = target.with_name(f"{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        announced = _download_patiently(url, part, progress, f"{repo}/{filename}")
        _record(target, part, announced, url)
    except OSError as error:
        raise _not_writable(target.parent, error) from error
    return target


def cache_root() -> Path:
    """Return the folder where fetched files are kept; it may not exist yet."""
    if chosen := os.environ.get("FGAESQ_CACHE"):
        return Path(chosen).expanduser()
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "fgaesq"


def _url(repo: str, filename: str, revision: str) -> str:
    """Return the file's address; raise if a name could lead elsewhere."""
    endpoint = (os.environ.get("HF_ENDPOINT") or _ENDPOINT).rstrip("/")
    if urlsplit(endpoint).scheme not in {"http", "https"} or not urlsplit(endpoint).netloc:
        raise WeightsError(f"HF_ENDPOINT is '{endpoint}'; need an http or https address")
    if not _REPO.fullmatch(repo) or ".." in repo:
        raise WeightsError(f"'{repo}' is no repository of the Hub; need 'owner/name'")
    for what, value in (("file", filename), ("revision", revision)):
        parts = value.split("/")
        if any(part in {"", ".", ".."} for part in parts) or "\\" in value:
            raise WeightsError(f"'{value}' is no {what} of a repository; need a plain name or path")
    return f"{endpoint}/{repo}/resolve/{quote(revision, safe='')}/{quote(filename)}"


def _is_cached(target: Path) -> bool:
    """Return whether the file is in the cache with its record; raise if it does not fit it."""
    try:
        record: dict[str, Any] = json.loads(_record_file(target).read_text())
        sha256 = file_sha256(target)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError) as error:
        raise WeightsError(
            f"{target}: the cached file or its record cannot be read ({error}); delete both"
        ) from error
    if sha256 != record.get("sha256"):
        raise WeightsError(
            f"{target}: the cached file changed since it was fetched (sha256 {sha256}, recorded "
            f"{record.get('sha256')}); delete it to fetch it again"
        )
    return True


def _download_patiently(url: str, part: Path, progress: Progress | None, label: str) -> Announced:
    """Download with a few attempts; raise WeightsError with the reason if all fail."""
    token = os.environ.get("HF_TOKEN", "").strip() or None
    watch = _SpaceWatch(part, progress)
    for attempt in range(_ATTEMPTS):
        if attempt:
            time.sleep(_FIRST_PAUSE_S * 2 ** (attempt - 1))
        try:
            return download(url, part, token=token, progress=watch)
        except Interrupted as error:
            reason = str(error)
        except Refused as error:
            raise WeightsError(f"{label}: {_advice(error, token)} ({url})") from error
        except Corrupted as error:
            raise WeightsError(
                f"{label}: the download is not what the Hub announced: {error}; it was removed, "
                "fetch it again"
            ) from error
    raise WeightsError(
        f"{label}: the download failed {_ATTEMPTS} times, last: {reason} ({url}); check the "
        "connection and try again, it goes on where it stopped"
    )


class _SpaceWatch:
    """Passes progress on; stops a download at its first chunk if the disk cannot hold the rest."""

    def __init__(self, part: Path, progress: Progress | None) -> None:
        self._folder = part.parent
        self._progress = progress
        self._is_checked = False

    def __call__(self, done: int, total: int | None) -> None:
        if total is not None and not self._is_checked:
            free = shutil.disk_usage(self._folder).free
            if free < total - done:
                raise WeightsError(
                    f"{self._folder}: {total - done} more bytes are needed, {free} are free; make "
                    "room or choose another folder with FGAESQ_CACHE"
                )
            self._is_checked = True
        if self._progress is not None:
            self._progress(done, total)


def _advice(error: Refused, token: str | None) -> str:
    """Say what a refusal means and what to do."""
    if error.status in {401, 403}:
        remedy = (
            "check the name and whether HF_TOKEN may read it"
            if token
            else "check the name; for a private or gated repository set HF_TOKEN"
        )
        return f"access is refused ({error}); {remedy}"
    if error.status == 404:
        return f"there is no such file or revision ({error}); check the names"
    return f"the server refuses it ({error})"


def _record(target: Path, part: Path, announced: Announced, url: str) -> None:
    """Move the verified part to its place, after writing its record."""
    sha256 = file_sha256(part)
    record = {
        "url": url,
        "etag": announced.etag,
        "commit": announced.commit,
        "sha256": sha256,
        "sha256_announced": announced.sha256 is not None,
        "size": part.stat().st_size,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    temporary = _record_file(target).with_suffix(".json.tmp")
    temporary.write_text(json.dumps(record, indent=2) + "\n")
    temporary.replace(_record_file(target))
    part.replace(target)


def _record_file(target: Path) -> Path:
    return target.with_name(f"{target.name}.json")


def _not_writable(folder: Path, error: OSError) -> WeightsError:
    if error.errno in _DISK_FULL:
        return WeightsError(
            f"{folder}: the disk is full; make room or choose another folder with FGAESQ_CACHE, "
            "the download goes on where it stopped"
        )
    return WeightsError(
        f"{folder}: cannot be written ({error.strerror}); choose another folder with FGAESQ_CACHE"
    )
