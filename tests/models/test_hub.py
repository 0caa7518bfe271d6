"""Fetching weights, against stand-ins of the Hub and of its storage host on this machine."""

from __future__ import annotations

import errno
import hashlib
import json
import re
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from fgaesq.errors import WeightsError
from fgaesq.models import hub, hub_http

CONTENT = bytes(range(256)) * 2000
SHA256 = hashlib.sha256(CONTENT).hexdigest()
PATH = "/own/er/resolve/main/w.pt"


@dataclass
class Site:
    """What a stand-in server answers, and what it was asked."""

    content: bytes = CONTENT
    etag: str | None = '"v1"'
    redirect_to: str | None = None
    linked_etag: str | None = None
    statuses: list[int] = field(default_factory=list)
    """Error statuses of the first requests, one each."""
    break_after: list[int] = field(default_factory=list)
    """Bytes after which the first answers break off, one each."""
    honours_ranges: bool = True
    sends_length: bool = True
    asked: list[dict[str, str]] = field(default_factory=list)
    """The headers of all requests, with the path under "path"."""
    url: str = ""


class _Handler(BaseHTTPRequestHandler):
    @property
    def site(self) -> Site:
        return cast("_Server", self.server).site

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""

    def do_GET(self) -> None:
        site = self.site
        site.asked.append({"path": self.path, **{k.lower(): v for k, v in self.headers.items()}})
        if site.statuses:
            self.send_response(site.statuses.pop(0))
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif site.redirect_to is not None and not self.path.startswith("/moved"):
            self._redirect(site)
        else:
            self._send(site)

    def _redirect(self, site: Site) -> None:
        self.send_response(302)
        self.send_header("Location", f"{site.redirect_to}/moved{self.path}")
        if site.linked_etag is not None:
            self.send_header("X-Linked-Etag", site.linked_etag)
            self.send_header("X-Linked-Size", str(len(CONTENT)))
        self.send_header("X-Repo-Commit", "c0ffee")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _send(self, site: Site) -> None:
        start = self._start(site)
        body = site.content[start:]
        self.send_response(206 if start else 200)
        if start:
            last, size = len(site.content) - 1, len(site.content)
            self.send_header("Content-Range", f"bytes {start}-{last}/{size}")
        if site.etag is not None:
            self.send_header("ETag", site.etag)
        if site.sends_length:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: site.break_after.pop(0)] if site.break_after else body)

    def _start(self, site: Site) -> int:
        wanted = self.headers.get("Range")
        condition = self.headers.get("If-Range")
        if wanted is None or not site.honours_ranges or condition not in {None, site.etag}:
            return 0
        return int(wanted.removeprefix("bytes=").removesuffix("-"))


class _Server(ThreadingHTTPServer):
    site: Site


def _serve(site: Site) -> _Server:
    server = _Server(("127.0.0.1", 0), _Handler)
    server.site = site
    site.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    return server


@pytest.fixture
def sites() -> Iterator[tuple[Site, Site]]:
    """Two running sites: the Hub and a storage host."""
    both = Site(), Site()
    servers = [_serve(site) for site in both]
    yield both
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def site(sites: tuple[Site, Site], monkeypatch: pytest.MonkeyPatch) -> Site:
    """The Hub's stand-in, set as endpoint, with short pauses between attempts."""
    monkeypatch.setenv("HF_ENDPOINT", sites[0].url)
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(hub, "_FIRST_PAUSE_S", 0.001)
    return sites[0]


@pytest.fixture
def storage(site: Site, sites: tuple[Site, Site]) -> Site:
    """The storage host, to which the Hub redirects."""
    site.redirect_to = sites[1].url
    return sites[1]


def fetch(folder: Path) -> Path:
    return hub.pull("own/er", "w.pt", cache_dir=folder)


def refusal(folder: Path) -> str:
    with pytest.raises(WeightsError) as caught:
        fetch(folder)
    return str(caught.value)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "hub" / "own--er" / "main").iterdir())


def test_file_arrives_with_a_record_of_its_origin(site: Site, tmp_path: Path) -> None:
    path = fetch(tmp_path)
    assert path == tmp_path / "hub" / "own--er" / "main" / "w.pt"
    assert path.read_bytes() == CONTENT
    assert names_in(tmp_path) == ["w.pt", "w.pt.json"]
    record = json.loads(path.with_name("w.pt.json").read_text())
    date = record.pop("date")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", date)
    assert record == {
        "url": site.url + PATH,
        "etag": "v1",
        "commit": None,
        "sha256": SHA256,
        "sha256_announced": False,
        "size": len(CONTENT),
    }


def test_cached_file_is_used_without_the_network(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = fetch(tmp_path)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert fetch(tmp_path) == path
    assert len(site.asked) == 1


def test_cached_file_that_changed_is_refused(site: Site, tmp_path: Path) -> None:
    path = fetch(tmp_path)
    path.write_bytes(b"other")
    other = hashlib.sha256(b"other").hexdigest()
    assert refusal(tmp_path) == (
        f"{path}: the cached file changed since it was fetched (sha256 {other}, recorded {SHA256});"
        " delete it to fetch it again"
    )


def test_offline_without_the_file_is_refused(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "true")
    place = tmp_path / "hub" / "own--er" / "main" / "w.pt"
    assert refusal(tmp_path) == (
        f"own/er/w.pt: not in the cache ({place}) and HF_HUB_OFFLINE forbids fetching it; "
        "unset HF_HUB_OFFLINE, or copy the file with its .json from another cache"
    )
    assert site.asked == []


def test_token_goes_to_the_hub_but_not_to_the_storage_host(
    site: Site, storage: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", " secret\n")
    fetch(tmp_path)
    assert [request.get("authorization") for request in site.asked] == ["Bearer secret"]
    assert [request.get("authorization") for request in storage.asked] == [None]


def test_token_follows_a_redirect_on_the_same_host(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "secret")
    site.redirect_to = site.url
    fetch(tmp_path)
    assert [request.get("authorization") for request in site.asked] == ["Bearer secret"] * 2


def test_announced_sha256_is_verified_and_recorded(
    site: Site, storage: Site, tmp_path: Path
) -> None:
    site.linked_etag = f'"{SHA256}"'
    record = json.loads(fetch(tmp_path).with_name("w.pt.json").read_text())
    assert (record["sha256"], record["etag"]) == (SHA256, SHA256)
    assert record["sha256_announced"] is True
    assert record["commit"] == "c0ffee"


def test_wrong_sha256_is_refused_and_nothing_is_left(
    site: Site, storage: Site, tmp_path: Path
) -> None:
    site.linked_etag = f'"{SHA256}"'
    storage.content = CONTENT[:-1] + b"x"
    wrong = hashlib.sha256(storage.content).hexdigest()
    assert refusal(tmp_path) == (
        "own/er/w.pt: the download is not what the Hub announced: its sha256 is "
        f"{wrong}, but {SHA256} was announced; it was removed, fetch it again"
    )
    assert names_in(tmp_path) == []


def test_longer_file_than_announced_is_refused(site: Site, storage: Site, tmp_path: Path) -> None:
    site.linked_etag = f'"{SHA256}"'
    storage.content = CONTENT + b"x"
    assert f"it has {len(CONTENT) + 1} bytes, but {len(CONTENT)} were announced" in (
        refusal(tmp_path)
    )


def test_broken_connection_is_resumed(site: Site, tmp_path: Path) -> None:
    site.break_after = [100_000]
    seen: list[tuple[int, int | None]] = []
    path = hub.pull(
        "own/er",
        "w.pt",
        cache_dir=tmp_path,
        progress=lambda done, total: seen.append((done, total)),
    )
    assert path.read_bytes() == CONTENT
    assert [request.get("range") for request in site.asked] == [None, "bytes=100000-"]
    assert site.asked[1]["if-range"] == '"v1"'
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert {total for _, total in seen} == {len(CONTENT)}
    assert seen[-1] == (len(CONTENT), len(CONTENT))


def test_resumption_through_a_redirect_asks_the_storage_host(
    site: Site, storage: Site, tmp_path: Path
) -> None:
    site.linked_etag = f'"{SHA256}"'
    storage.break_after = [4096]
    assert fetch(tmp_path).read_bytes() == CONTENT
    assert storage.asked[1]["range"] == "bytes=4096-"
    assert storage.asked[1]["if-range"] == '"v1"'


def test_later_call_goes_on_where_an_earlier_one_stopped(site: Site, tmp_path: Path) -> None:
    site.break_after = [1000, 1000, 1000, 1000, 1000]
    assert refusal(tmp_path) == (
        "own/er/w.pt: the download failed 5 times, last: the connection ended after 5000 of 512000 "
        f"bytes ({site.url}{PATH}); check the connection and try again, "
        "it goes on where it stopped"
    )
    assert names_in(tmp_path) == ["w.pt.part", "w.pt.part.json"]
    assert fetch(tmp_path).read_bytes() == CONTENT
    assert site.asked[5]["range"] == "bytes=5000-"
    assert names_in(tmp_path) == ["w.pt", "w.pt.json"]


@pytest.mark.parametrize("honours_condition", [True, False])
def test_file_that_changed_while_resuming_is_fetched_anew(
    site: Site, tmp_path: Path, honours_condition: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "_ATTEMPTS", 1)
    site.break_after = [1000]
    assert "the connection ended after 1000 of 512000 bytes" in refusal(tmp_path)
    site.content, site.etag = CONTENT[::-1], '"v2"'
    monkeypatch.setattr(hub, "_ATTEMPTS", 2)
    if not honours_condition:
        part_identity = tmp_path / "hub/own--er/main/w.pt.part.json"
        identity = json.loads(part_identity.read_text())
        part_identity.write_text(json.dumps({**identity, "validator": None}))
    assert fetch(tmp_path).read_bytes() == CONTENT[::-1]


def test_server_without_ranges_starts_again(site: Site, tmp_path: Path) -> None:
    site.break_after, site.honours_ranges = [1000], False
    assert fetch(tmp_path).read_bytes() == CONTENT


def test_part_of_unknown_origin_is_not_resumed(site: Site, tmp_path: Path) -> None:
    part = tmp_path / "hub" / "own--er" / "main" / "w.pt.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"something else")
    assert fetch(tmp_path).read_bytes() == CONTENT
    assert "range" not in site.asked[0]


def test_part_with_a_weak_etag_is_not_resumed(site: Site, tmp_path: Path) -> None:
    site.break_after, site.etag = [1000], 'W/"v1"'
    assert fetch(tmp_path).read_bytes() == CONTENT
    assert ["range" in request for request in site.asked] == [False, False]


def test_range_beyond_the_file_starts_again(site: Site, tmp_path: Path) -> None:
    part = tmp_path / "w.pt.part"
    site.break_after = [1000]
    with pytest.raises(hub_http.Interrupted, match="^the connection ended after 1000 of"):
        hub_http.download(site.url + PATH, part, token=None, progress=None)
    site.statuses = [416]
    with pytest.raises(hub_http.Interrupted, match="^the partial file did not fit the server's$"):
        hub_http.download(site.url + PATH, part, token=None, progress=None)
    assert not part.exists()


def test_file_of_unannounced_length_arrives(site: Site, tmp_path: Path) -> None:
    site.sends_length = False
    assert fetch(tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize("status", [429, 500, 503])
def test_passing_failures_are_tried_again(site: Site, tmp_path: Path, status: int) -> None:
    site.statuses = [status, status]
    assert fetch(tmp_path).read_bytes() == CONTENT
    assert len(site.asked) == 3


def test_lasting_failure_is_reported(site: Site, tmp_path: Path) -> None:
    site.statuses = [503] * 5
    assert "failed 5 times, last: HTTP 503 Service Unavailable" in refusal(tmp_path)


def test_unreachable_server_is_reported(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert "failed 5 times, last: Connection refused" in refusal(tmp_path)


def test_missing_file_is_reported_at_once(site: Site, tmp_path: Path) -> None:
    site.statuses = [404]
    assert refusal(tmp_path) == (
        "own/er/w.pt: there is no such file or revision (HTTP 404 Not Found); check the names "
        f"({site.url}{PATH})"
    )
    assert len(site.asked) == 1


@pytest.mark.parametrize(
    ("status", "token", "advice"),
    [
        (
            401,
            None,
            "access is refused (HTTP 401 Unauthorized); check the name; "
            "for a private or gated repository set HF_TOKEN",
        ),
        (
            403,
            "secret",
            "access is refused (HTTP 403 Forbidden); "
            "check the name and whether HF_TOKEN may read it",
        ),
        (451, None, "the server refuses it (HTTP 451 Unavailable For Legal Reasons)"),
    ],
)
def test_refusal_says_what_to_do(
    site: Site,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    token: str | None,
    advice: str,
) -> None:
    if token is not None:
        monkeypatch.setenv("HF_TOKEN", token)
    site.statuses = [status]
    message = refusal(tmp_path)
    assert message == f"own/er/w.pt: {advice} ({site.url}{PATH})"
    assert "secret" not in message


def test_redirect_to_another_scheme_is_refused(site: Site, tmp_path: Path) -> None:
    site.redirect_to = "ftp://127.0.0.1"
    assert "redirect to the unsafe address ftp://127.0.0.1" in refusal(tmp_path)


def test_too_little_room_is_noticed_before_writing_it_full(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10))
    pattern = (
        rf"{re.escape(str(tmp_path))}/hub/own--er/main: \d+ more bytes are needed, 10 are free; "
        "make room or choose another folder with FGAESQ_CACHE"
    )
    assert re.fullmatch(pattern, refusal(tmp_path))


def test_full_disk_is_reported(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(hub, "download", fail)
    assert refusal(tmp_path) == (
        f"{tmp_path}/hub/own--er/main: the disk is full; make room or choose another folder with "
        "FGAESQ_CACHE, the download goes on where it stopped"
    )


def test_unwritable_cache_is_reported(site: Site, tmp_path: Path) -> None:
    (tmp_path / "hub").write_text("in the way")
    assert refusal(tmp_path) == (
        f"{tmp_path}/hub/own--er/main: cannot be written (Not a directory); "
        "choose another folder with FGAESQ_CACHE"
    )


@pytest.mark.parametrize(
    ("repo", "filename", "revision", "message"),
    [
        ("own", "w.pt", "main", "'own' is no repository of the Hub; need 'owner/name'"),
        ("../er", "w.pt", "main", "'../er' is no repository of the Hub; need 'owner/name'"),
        (
            "own/er",
            "../w.pt",
            "main",
            "'../w.pt' is no file of a repository; need a plain name or path",
        ),
        (
            "own/er",
            "w.pt",
            "/main",
            "'/main' is no revision of a repository; need a plain name or path",
        ),
    ],
)
def test_names_that_lead_elsewhere_are_refused(
    tmp_path: Path, repo: str, filename: str, revision: str, message: str
) -> None:
    with pytest.raises(WeightsError, match=f"^{re.escape(message)}$"):
        hub.pull(repo, filename, revision=revision, cache_dir=tmp_path)


def test_endpoint_must_be_http(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "file:///etc")
    assert refusal(tmp_path) == "HF_ENDPOINT is 'file:///etc'; need an http or https address"


def test_cache_folder_follows_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert hub.cache_root() == tmp_path / "cache-home" / "fgaesq"
    monkeypatch.setenv("FGAESQ_CACHE", str(tmp_path / "mine"))
    assert hub.cache_root() == tmp_path / "mine"
    monkeypatch.delenv("FGAESQ_CACHE")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert hub.cache_root() == tmp_path / ".cache" / "fgaesq"


def test_path_in_a_repository_and_revision_with_slash(site: Site, tmp_path: Path) -> None:
    path = hub.pull("own/er", "sub/a b.pt", revision="refs/pr/1", cache_dir=tmp_path)
    assert site.asked[0]["path"] == "/own/er/resolve/refs%2Fpr%2F1/sub/a%20b.pt"
    assert path == tmp_path / "hub" / "own--er" / "refs--pr--1" / "sub" / "a b.pt"


def test_licence_note_says_that_there_is_none() -> None:
    assert hub.LICENCE_NOTE.startswith("The released FGAesQ weights carry no licence")
