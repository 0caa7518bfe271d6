"""The digest of a file is that of its bytes."""

from __future__ import annotations

import hashlib
from pathlib import Path

from fgaesq.storage.digests import file_sha256


def test_a_file_has_the_digest_of_its_bytes(tmp_path: Path) -> None:
    content = bytes(range(256)) * 5000  # more than is read at once
    (tmp_path / "a").write_bytes(content)
    assert file_sha256(tmp_path / "a") == hashlib.sha256(content).hexdigest()
