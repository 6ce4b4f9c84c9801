from __future__ import annotations

import gzip
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from framing import web
from framing.errors import InputError

PAGE = "<html><body><p>Ünïcode page</p></body></html>".encode()
HTML = "text/html; charset=UTF-8"


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.hosts.append(self.headers["Host"])
        name = self.path.strip("/").partition("?")[0].replace("-", "_")
        getattr(self, f"give_{name}", self.give_missing)()

    def answer(self, status: int, body: bytes, *, kind: str | None = HTML, **headers: str) -> None:
        self.send_response(status)
        if kind is not None:
            self.send_header("Content-Type", kind)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def to(self, location: str) -> None:
        self.answer(302, b"", Location=location)

    def give_page(self) -> None:
        self.answer(200, PAGE)

    def give_missing(self) -> None:
        self.answer(404, b"no such page")

    def give_gzip(self) -> None:
        self.answer(200, gzip.compress(PAGE), Content_Encoding="gzip")

    def give_bomb(self) -> None:
        self.answer(200, zlib.compress(b"x" * 5_000_000), Content_Encoding="deflate")

    def give_damaged(self) -> None:
        self.answer(200, b"this is not gzip", Content_Encoding="gzip")

    def give_large(self) -> None:
        self.answer(200, b"x" * 300_000)

    def give_pdf(self) -> None:
        self.answer(200, b"%PDF-1.7", kind="application/pdf")

    def give_image(self) -> None:
        self.answer(200, b"GIF89a", kind="image/gif")

    def give_untyped(self) -> None:
        self.answer(200, b"some text", kind=None)

    def give_redirect(self) -> None:
        self.to("/page")

    def give_loop(self) -> None:
        self.to("/loop")

    def give_to_other_port(self) -> None:
        self.to("http://127.0.0.1:9/")

    def give_to_localhost(self) -> None:
        self.to(f"http://localhost:{self.server.server_port}/page")

    def give_to_decimal(self) -> None:
        self.to("http://2130706433:9/")

    def give_to_mapped(self) -> None:
        self.to("http://[::ffff:127.0.0.1]:9/")

    def give_to_link_local(self) -> None:
        self.to("http://169.254.169.254/latest/meta-data")

    def give_to_file(self) -> None:
        self.to("file:///etc/passwd")

    def give_cut_short(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", HTML)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"<p>half")
        self.close_connection = True

    def give_body_drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", HTML)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.drip(b"x")

    def give_header_drip(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
        self.drip(b"x")

    def drip(self, byte: bytes) -> None:
        try:
            while not self.server.stop.wait(0.05):
                self.wfile.write(byte)
                self.wfile.flush()
        except OSError:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the tests' output clean."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.stop = threading.Event()
        self.hosts: list[str] = []

    def address(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/{path}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is what some tests want."""


@pytest.fixture(scope="module")
def server() -> Iterator[_Server]:
    with _Server() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield running
        running.stop.set()
        running.shutdown()
        thread.join()


def test_a_page_comes_with_its_address_charset_and_type(server: _Server) -> None:
    fetched = web.fetch(server.address("page?q=a b#part"))
    assert fetched == web.Fetched(server.address("page?q=a%20b"), PAGE, "utf-8", "text/html")


def test_a_compressed_page_is_unpacked(server: _Server) -> None:
    assert web.fetch(server.address("gzip")).body == PAGE


def test_a_page_without_a_type_is_taken(server: _Server) -> None:
    fetched = web.fetch(server.address("untyped"))
    assert (fetched.body, fetched.content_type, fetched.charset) == (b"some text", "", None)


def test_a_redirect_to_the_typed_host_and_port_is_followed_even_when_it_is_private(server: _Server) -> None:
    assert web.fetch(server.address("redirect")).url == server.address("page")


def test_the_server_is_told_the_host_that_was_typed(server: _Server) -> None:
    server.hosts.clear()
    port = server.server_address[1]
    assert web.fetch(f"http://localhost:{port}/page").body == PAGE
    assert server.hosts == [f"localhost:{port}"]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("missing", "404"),
        ("pdf", "application/pdf"),
        ("image", "image/gif"),
        ("loop", "more than 5 redirects"),
        ("large", "more than 0.2 MB"),
        ("bomb", "more than 0.2 MB"),
        ("damaged", "failed"),
        ("cut-short", "failed"),
        ("to-other-port", "not a public host"),
        ("to-localhost", "not a public host"),
        ("to-decimal", "not a public host"),
        ("to-mapped", "not a public host"),
        ("to-link-local", "not a public host"),
        ("to-file", "not an http or https address"),
    ],
)
def test_what_cannot_be_taken_is_one_line_with_the_address(server: _Server, path: str, words: str) -> None:
    address = server.address(path)
    with pytest.raises(InputError) as caught:
        web.fetch(address, max_bytes=200_000)
    message = str(caught.value)
    assert message.startswith(f"{address}: ")
    assert words in message
    assert "\n" not in message


@pytest.mark.parametrize("path", ["body-drip", "header-drip"])
def test_a_server_that_sends_a_byte_now_and_then_runs_into_the_total_time(server: _Server, path: str) -> None:
    with pytest.raises(InputError, match=r"within 0\.4 seconds"):
        web.fetch(server.address(path), timeout=0.4)


def test_a_server_that_says_nothing_runs_into_the_total_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(InputError, match=r"within 0\.3 seconds"):
        web.fetch(f"http://127.0.0.1:{silent.getsockname()[1]}/", timeout=0.3)


def test_a_port_on_which_nothing_listens_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(InputError, match="failed"):
        web.fetch(f"http://127.0.0.1:{port}/")


def test_a_server_that_does_not_speak_tls_is_an_error(server: _Server) -> None:
    with pytest.raises(InputError, match="secure connection"):
        web.fetch(server.address("page").replace("http:", "https:"))


@pytest.mark.parametrize(
    "address",
    ["ftp://example.com/a", "http://", "http:///path", "http://[::1", "http://a:99999/", "http://a..b/", "plain words"],
)
def test_what_is_no_web_address_is_an_error(address: str) -> None:
    with pytest.raises(InputError, match="address"):
        web.fetch(address)


def test_a_name_that_changes_its_meaning_is_not_asked_again(server: _Server, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    resolve: Callable[..., Any] = socket.getaddrinfo

    def counted(host: Any, *args: Any, **named: Any) -> Any:
        if host == "rebind.example":
            asked.append(host)
            host = "127.0.0.1" if len(asked) == 1 else "127.0.0.99"
        return resolve(host, *args, **named)

    monkeypatch.setattr(socket, "getaddrinfo", counted)
    fetched = web.fetch(f"http://rebind.example:{server.server_address[1]}/redirect")
    assert fetched.body == PAGE
    assert asked == ["rebind.example"]


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True), ("2606:2800:220:1:248:1893:25c8:1946", True), ("::ffff:93.184.216.34", True),
        ("127.0.0.1", False), ("10.1.2.3", False), ("172.16.0.1", False), ("192.168.1.1", False), ("0.0.0.0", False),
        ("169.254.169.254", False), ("100.64.0.1", False), ("224.0.0.1", False), ("255.255.255.255", False),
        ("::1", False), ("::", False), ("fe80::1%eth0", False), ("fc00::1", False), ("::ffff:10.0.0.1", False),
        ("2002:7f00:1::", False), ("64:ff9b::7f00:1", False), ("ff02::1", False), ("not an address", False),
    ],
)  # fmt: skip
def test_only_addresses_of_the_public_internet_are_public(address: str, public: bool) -> None:
    assert web.is_public(address) is public


def test_the_watchdog_leaves_no_thread_behind(server: _Server) -> None:
    web.fetch(server.address("page"), timeout=30)
    deadline = time.monotonic() + 5
    while any(isinstance(thread, threading.Timer) for thread in threading.enumerate()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
