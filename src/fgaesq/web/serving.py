"""Serve an application on this machine: the port is open before its address is told."""

from __future__ import annotations

import socket
import threading
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import uvicorn
from starlette.types import ASGIApp

from fgaesq.errors import InputError

__all__ = ["run_app", "running_app"]


def run_app(
    app: ASGIApp,
    *,
    host: str,
    port: int,
    query: str,
    open_browser: bool = False,
    on_ready: Callable[[str], None] | None = None,
) -> None:
    """Serve until interrupted.

    Args:
        app: the application.
        host: the address to listen on.
        port: the port; 0 for any that is free.
        query: what stands after the `?` of the address that is told.
        open_browser: whether to show the page.
        on_ready: is called with the address as soon as it answers.

    Raises:
        InputError: the address cannot be listened on.
    """
    with _listening(host, port) as listener:
        address = f"{_base(listener)}/?{query}"
        if on_ready is not None:
            on_ready(address)
        if open_browser:  # in a thread: browsers in text mode end only with the person's visit
            threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
        with suppress(KeyboardInterrupt):  # how a person ends it; uvicorn has closed by then
            _server(app).run(sockets=[listener])


@contextmanager
def running_app(app: ASGIApp, *, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve in a thread while the context is open, and yield the address without a query.

    Raises:
        InputError: the address cannot be listened on.
    """
    server = _server(app)
    with _listening(host, port) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield _base(listener)
        finally:
            server.should_exit = True
            thread.join()


def _server(app: ASGIApp) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # anybody on this computer could send them
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=2,
        )
    )


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise InputError(
                f"{host}:{port}: cannot be listened on ({error.strerror}); choose another port, "
                "or 0 for any that is free"
            ) from error
        listener.listen(128)
        yield listener
    finally:
        listener.close()


def _base(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - all include this
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
