"""Photos as JPEG for a page: encoded once, kept in memory up to a limit, told apart by ETag."""

from __future__ import annotations

import hashlib
import io
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from PIL import Image as PILImage

from fgaesq.types import Image
from fgaesq.web.kept import KeptPictures

__all__ = ["Picture", "Pictures"]

_MOST_BYTES = 96 << 20
_DECODED_AT_ONCE = 2  # a photo of 24 megapixels takes 72 MB


@dataclass(frozen=True, slots=True)
class Picture:
    """An encoded picture and the ETag that names its content."""

    data: bytes
    etag: str


class Pictures:
    """JPEG files by key; safe to be used by several threads.

    Args:
        most_bytes: to be kept; the least used go first. Pictures above an eighth are never kept.
        on_disk: where pictures that are given a name are kept besides.
    """

    def __init__(
        self, *, most_bytes: int = _MOST_BYTES, on_disk: KeptPictures | None = None
    ) -> None:
        self._most_bytes, self._on_disk = most_bytes, on_disk
        self._kept: OrderedDict[Hashable, Picture] = OrderedDict()
        self._bytes = 0
        self._etags: dict[Hashable, str] = {}
        self._lock = threading.Lock()
        self._decoding = threading.BoundedSemaphore(_DECODED_AT_ONCE)

    def is_current(self, key: Hashable, etags: str) -> bool:
        """Whether `etags` (an If-None-Match header) names the picture, without encoding it."""
        with self._lock:
            known = self._etags.get(key)
        return known is not None and known in (one.strip() for one in etags.split(","))

    def jpeg(
        self, key: Hashable, read: Callable[[], Image], *, quality: int, name: str | None = None
    ) -> Picture:
        """Return the picture of `key`, made of what `read` gives if it is not kept.

        Args:
            key: names the pixels; the same key always has the same ones.
            read: gives sRGB pixels, uint8, (H, W, 3); its errors pass.
            quality: of the JPEG, 1 to 95; from 90 on colours are kept at full resolution.
            name: of the same pixels and quality in all runs, to keep it on the disk; None not to.
        """
        if (kept := self._find(key)) is not None:
            return kept
        data = self._on_disk.find(name) if self._on_disk and name else None
        if data is None:
            with self._decoding:
                if (kept := self._find(key)) is not None:
                    return kept
                data = _encoded(read(), quality)
            if self._on_disk and name:
                self._on_disk.keep(name, data)
        picture = Picture(data, f'"{hashlib.sha256(data).hexdigest()[:32]}"')
        self._keep(key, picture)
        return picture

    def _find(self, key: Hashable) -> Picture | None:
        with self._lock:
            if (found := self._kept.get(key)) is not None:
                self._kept.move_to_end(key)
            return found

    def _keep(self, key: Hashable, picture: Picture) -> None:
        with self._lock:
            self._etags[key] = picture.etag
            if len(picture.data) > self._most_bytes // 8 or key in self._kept:
                return
            self._kept[key] = picture
            self._bytes += len(picture.data)
            while self._bytes > self._most_bytes:
                _, oldest = self._kept.popitem(last=False)
                self._bytes -= len(oldest.data)


def _encoded(image: Image, quality: int) -> bytes:
    data = io.BytesIO()
    subsampling = 0 if quality >= 90 else 2
    PILImage.fromarray(image).save(data, "JPEG", quality=quality, subsampling=subsampling)
    return data.getvalue()
