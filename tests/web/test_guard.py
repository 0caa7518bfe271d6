"""Who is let through to a local page, and who is not."""

from __future__ import annotations

import ssl
from collections.abc import Iterator

import httpx
import pytest
from httpx import Response
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from fgaesq.errors import VotesError
from fgaesq.web.guard import SECURITY_HEADERS, Guard, Guest, proof_of
from fgaesq.web.serving import running_app

TOKEN = "a-token-of-this-test"  # noqa: S105 - of this test
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # a default one takes half a second
CHANGE = {"X-Fgaesq": "1", "Content-Type": "application/json"}


def page(request: Request) -> PlainTextResponse:
    return PlainTextResponse(f"{request.method} done")


def guarded(token: str = TOKEN, host: str = "127.0.0.1") -> Guard:
    return Guard(
        Starlette(routes=[Route("/", page, methods=["GET", "POST"])]), token=token, host=host
    )


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with running_app(guarded()) as base:
        yield base


@pytest.fixture
def stranger(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, verify=NO_TLS) as found:
        yield found


@pytest.fixture
def guest(address: str) -> Iterator[httpx.Client]:
    """A client that came in with the address that was printed."""
    with httpx.Client(base_url=address, verify=NO_TLS) as found:
        assert found.get(f"/?token={TOKEN}").status_code == 303
        yield found


def message(response: Response) -> str:
    assert response.status_code == 403
    said: str = response.json()["error"]["message"]
    return said


def test_the_token_is_exchanged_for_a_strict_cookie_and_leaves_the_address(
    stranger: httpx.Client,
) -> None:
    answer = stranger.get(f"/?token={TOKEN}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert TOKEN not in cookie
    assert stranger.get("/").text == "GET done"


@pytest.mark.parametrize("https", [True, False])
def test_the_cookie_is_for_https_alone_where_that_is_said(https: bool) -> None:
    guard = Guard(Starlette(), token=TOKEN, name="votes.example.org", https=https)
    claims = {"Host": "votes.example.org", "X-Forwarded-Proto": "https", "Forwarded": "proto=https"}
    with running_app(guard) as base:
        answer = httpx.get(f"{base}/?token={TOKEN}", headers=claims, verify=NO_TLS)
    assert ("Secure" in answer.headers["set-cookie"]) == https


def test_without_the_cookie_nothing_is_shown(stranger: httpx.Client) -> None:
    assert message(stranger.get("/")).startswith("This page needs the address with the token")


@pytest.mark.parametrize("token", ["wrong", TOKEN[:-1], TOKEN + "a", "ü" * 20])
def test_a_wrong_token_lets_nobody_in(stranger: httpx.Client, token: str) -> None:
    answer = stranger.get("/", params={"token": token})
    assert message(answer).startswith("The token in the address is wrong")
    assert "set-cookie" not in answer.headers


def test_a_forged_cookie_lets_nobody_in(guest: httpx.Client, stranger: httpx.Client) -> None:
    name = next(iter(guest.cookies.jar)).name
    stranger.cookies.set(name, TOKEN)
    assert stranger.get("/").status_code == 403


def test_the_cookies_of_two_pages_do_not_meet(guest: httpx.Client) -> None:
    with running_app(guarded("b" * 20)) as other:
        names = {httpx.get(f"{other}/?token={'b' * 20}").headers["set-cookie"].split("=")[0]}
    names.add(next(iter(guest.cookies.jar)).name)
    assert len(names) == 2


@pytest.mark.parametrize(
    "host",
    ["", "evil.example", "evil.example:8123", "127.0.0.1.evil.example", "192.168.1.7", "[::"],
)
def test_another_host_name_is_refused(guest: httpx.Client, host: str) -> None:
    answer = guest.get("/", headers={"Host": host})
    assert message(answer).startswith("This page answers only under its own address")


@pytest.mark.parametrize("host", ["127.0.0.1:8123", "localhost:8123", "[::1]:8123", "127.0.0.1"])
def test_the_loopback_names_are_ours(guest: httpx.Client, host: str) -> None:
    assert guest.get("/", headers={"Host": host}).status_code == 200


def test_a_page_for_all_addresses_answers_to_addresses_and_to_no_name() -> None:
    hosts = ("192.168.1.7:8123", "localhost", "evil.example", "0.0.0.0")  # noqa: S104 - not bound to
    with running_app(guarded(host="0.0.0.0")) as base:  # noqa: S104 - not bound to
        answers = [httpx.get(f"{base}/?token={TOKEN}", headers={"Host": host}) for host in hosts]
    assert [one.status_code for one in answers] == [303, 303, 403, 403]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_requests_of_other_sites_are_refused(guest: httpx.Client, headers: dict[str, str]) -> None:
    assert message(guest.get("/", headers=headers)).startswith("Other sites may not ask")
    assert guest.post("/", headers={**CHANGE, **headers}, content="{}").status_code == 403


def test_the_page_itself_may_ask_and_change(guest: httpx.Client, address: str) -> None:
    own = {"Origin": address, "Sec-Fetch-Site": "same-origin"}
    assert guest.get("/", headers=own).status_code == 200
    assert guest.post("/", headers={**CHANGE, **own}, content="{}").text == "POST done"


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Fgaesq": "1", "Content-Type": "text/plain"},
        {"X-Fgaesq": "1", "Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/json"},
    ],
)
def test_a_change_that_a_foreign_form_could_send_is_refused(
    guest: httpx.Client, headers: dict[str, str]
) -> None:
    assert message(guest.post("/", headers=headers, content="{}")).startswith("A change is JSON")


def test_a_change_needs_the_cookie(stranger: httpx.Client) -> None:
    assert stranger.post("/", headers=CHANGE, content="{}").status_code == 403


def test_a_large_body_is_refused(guest: httpx.Client) -> None:
    answer = guest.post("/", headers=CHANGE, content=b" " * ((1 << 20) + 1))
    assert answer.status_code == 413


@pytest.mark.parametrize("method", ["OPTIONS", "PUT", "DELETE", "TRACE"])
def test_other_methods_are_refused_without_leave_for_other_origins(
    guest: httpx.Client, method: str
) -> None:
    answer = guest.request(method, "/")
    assert answer.status_code == 405
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("path", ["/", "/missing"])
def test_every_answer_carries_the_security_headers(
    stranger: httpx.Client, guest: httpx.Client, path: str
) -> None:
    for found in (stranger, guest):
        answer = found.get(path)
        for name, value in SECURITY_HEADERS.items():
            assert answer.headers[name] == value
        assert answer.headers["cache-control"] == "no-store"


def test_the_policy_allows_nothing_inline_and_nothing_from_elsewhere() -> None:
    policy = SECURITY_HEADERS["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def test_a_short_token_is_refused() -> None:
    with pytest.raises(ValueError, match="a token has at least 16 characters"):
        Guard(Starlette(), token="short")  # noqa: S106 - of this test


class Team:
    """Two people, of whom one has a page of her own, and a third who left."""

    cookies = ("work", "admin")

    def __init__(self) -> None:
        self.people = {
            proof_of(ANNA): Guest("anna", "work", max_age_s=60),
            proof_of(CHIEF): Guest("chief", "admin", home="/admin"),
        }

    def find(self, proof: str) -> Guest | None:
        return self.people.get(proof)


ANNA, CHIEF, GONE = "token-of-anna-123", "token-of-chief-12", "token-of-nobody-1"


async def who(request: Request) -> PlainTextResponse:
    guests = request.scope["fgaesq.guests"]
    return PlainTextResponse(" ".join(f"{name}:{guests[name].name}" for name in sorted(guests)))


@pytest.fixture(scope="module")
def team_address() -> Iterator[str]:
    with running_app(Guard(Starlette(routes=[Route("/", who)]), token=Team())) as base:
        yield base


@pytest.fixture
def browser(team_address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=team_address, verify=NO_TLS) as found:
        yield found


def test_everybody_comes_in_by_their_own_token(browser: httpx.Client) -> None:
    anna = browser.get(f"/?token={ANNA}")
    assert anna.headers["location"] == "/"
    assert "Max-Age=60" in anna.headers["set-cookie"]
    assert browser.get("/").text == "work:anna"
    chief = browser.get(f"/?token={CHIEF}")
    assert chief.headers["location"] == "/admin"
    assert browser.get("/").text == "admin:chief work:anna"


def test_a_token_of_nobody_lets_nobody_in(browser: httpx.Client) -> None:
    assert message(browser.get(f"/?token={GONE}")).startswith("The token in the address is wrong")
    assert browser.get("/").status_code == 403


def test_the_secret_of_one_cookie_is_none_of_another(browser: httpx.Client) -> None:
    browser.get(f"/?token={ANNA}")
    secret = browser.cookies["work"]
    browser.cookies.clear()
    browser.cookies.set("admin", secret)
    assert browser.get("/").status_code == 403


def test_neither_token_nor_proof_is_the_secret(browser: httpx.Client) -> None:
    for value in (ANNA, proof_of(ANNA)):
        browser.cookies.clear()
        browser.cookies.set("work", value)
        assert browser.get("/").status_code == 403


def test_another_name_of_the_server_is_ours() -> None:
    page_of = Guard(Starlette(), token=TOKEN, name="Votes.example")
    with running_app(page_of) as base:
        answers = [
            httpx.get(f"{base}/?token={TOKEN}", headers={"Host": host}, verify=NO_TLS)
            for host in ("votes.example", "votes.example.evil")
        ]
    assert [one.status_code for one in answers] == [303, 403]


def test_where_guests_are_kept_may_be_away() -> None:
    class Away(Team):
        def find(self, proof: str) -> Guest | None:
            raise VotesError("db.example: the server does not answer")

    with running_app(Guard(Starlette(), token=Away())) as base:
        answer = httpx.get(f"{base}/?token={ANNA}", verify=NO_TLS)
    assert answer.status_code == 503
