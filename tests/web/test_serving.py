"""Applications are served on this machine alone, and the address is told when it answers."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from fgaesq.errors import InputError
from fgaesq.web.serving import run_app, running_app


def hello(_: Request) -> PlainTextResponse:
    return PlainTextResponse("hello")


APP = Starlette(routes=[Route("/", hello)])


def test_an_application_answers_while_the_context_is_open() -> None:
    with running_app(APP) as address:
        assert address.startswith("http://127.0.0.1:")
        answer = httpx.get(address)
        assert answer.text == "hello"
        assert "server" not in answer.headers
    with pytest.raises(httpx.ConnectError):
        httpx.get(address)


def test_what_a_request_says_of_where_it_came_through_is_not_believed() -> None:
    app = Starlette(routes=[Route("/", lambda request: PlainTextResponse(str(request.url)))])
    claims = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"}
    with running_app(app) as address:
        assert httpx.get(f"{address}/", headers=claims).text == f"{address}/"


def test_a_port_in_use_is_named_with_the_remedy() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=f"127.0.0.1:{port}: cannot be listened on .* choose"):
            run_app(APP, host="127.0.0.1", port=port, query="")


def test_an_interrupt_ends_serving_without_complaint() -> None:
    script = (
        "from starlette.applications import Starlette\n"
        "from fgaesq.web.serving import run_app\n"
        "run_app(Starlette(), host='127.0.0.1', port=0, query='x', on_ready=print)\n"
    )
    with subprocess.Popen(  # noqa: S603 - our own script
        [sys.executable, "-u", "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as server:
        assert server.stdout is not None
        address = server.stdout.readline().decode().strip()
        assert httpx.get(address).status_code == 404
        server.send_signal(signal.SIGINT)
        assert server.communicate(timeout=20) == (b"", b"")
    assert server.returncode == 0


def test_the_address_is_told_with_the_query_before_serving() -> None:
    class Stop(Exception):
        pass

    told: list[str] = []

    def stop(address: str) -> None:
        told.append(address)
        host, port = address.removeprefix("http://").split("/")[0].split(":")
        with socket.create_connection((host, int(port)), timeout=5):
            raise Stop

    with pytest.raises(Stop):
        run_app(APP, host="127.0.0.1", port=0, query="token=abc", on_ready=stop)
    assert told[0].endswith("/?token=abc")
