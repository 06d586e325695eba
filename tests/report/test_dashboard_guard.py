"""The dashboard before strangers: nothing is served without its link, nor to another's page."""

import asyncio
import json
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from sim.report.dashboard.guard import Guard

TOKEN, PORT = "t" * 32, 8765
COOKIE = f"raids-and-talks-{PORT}={TOKEN}"
HERE = f"127.0.0.1:{PORT}"
Headers = list[tuple[str, str]]


def asked(
    headers: Headers, query: str = "", kind: str = "http", host: str = "127.0.0.1"
) -> tuple[bool, dict[str, Any]]:
    """Whether the application was asked, and the first thing that was sent."""
    came: list[Any] = []
    sent: list[dict[str, Any]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        came.append(scope)

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    coded = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    scope = {"type": kind, "path": "/x", "query_string": query.encode(), "headers": coded}
    asyncio.run(Guard(app, TOKEN, host, PORT)(scope, receive, send))  # type: ignore[arg-type]
    return bool(came), sent[0] if sent else {}


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    ("headers", "is_let_in"),
    [
        ([("host", HERE), ("cookie", COOKIE)], True),
        ([("host", HERE), ("cookie", f"a=b; {COOKIE}; c=d")], True),
        ([("host", HERE), ("cookie", COOKIE), ("origin", f"http://{HERE}")], True),
        ([("host", f"localhost:{PORT}"), ("cookie", COOKIE)], True),
        ([("host", f"[::1]:{PORT}"), ("cookie", COOKIE)], True),
        ([("host", HERE)], False),
        ([("host", HERE), ("cookie", COOKIE[:-1])], False),
        ([("host", HERE), ("cookie", f"{COOKIE}x")], False),
        ([("host", HERE), ("cookie", f"raids-and-talks-1={TOKEN}")], False),
        ([("host", HERE), ("cookie", f"raids-and-talks-{PORT}=")], False),
        ([("host", HERE), ("cookie", "\xff;;=;")], False),
        # a name that another's DNS points here
        ([("host", f"evil.example:{PORT}"), ("cookie", COOKIE)], False),
        ([("host", "evil.example"), ("cookie", COOKIE)], False),
        ([("host", f"127.0.0.1.evil.example:{PORT}"), ("cookie", COOKIE)], False),
        ([("host", f"{HERE}@evil.example"), ("cookie", COOKIE)], False),
        ([("host", f"x@{HERE}"), ("cookie", COOKIE)], False),
        ([("host", "127.0.0.1:1"), ("cookie", COOKIE)], False),
        ([("host", "127.0.0.1"), ("cookie", COOKIE)], False),
        ([("host", "[::"), ("cookie", COOKIE)], False),
        ([("host", f"127.0.0.1:{PORT}:x"), ("cookie", COOKIE)], False),
        ([("host", HERE), ("host", "evil.example"), ("cookie", COOKIE)], False),
        ([("cookie", COOKIE)], False),
        # another's page
        ([("host", HERE), ("cookie", COOKIE), ("origin", "http://evil.example")], False),
        ([("host", HERE), ("cookie", COOKIE), ("origin", "null")], False),
        ([("host", HERE), ("cookie", COOKIE), ("origin", "http://127.0.0.1:9999")], False),
        ([("host", HERE), ("cookie", COOKIE), ("origin", f"https://{HERE}")], False),
        ([("host", HERE), ("cookie", COOKIE), ("origin", f"http://localhost:{PORT}")], False),
    ],
)
def test_who_is_let_in(headers: Headers, is_let_in: bool, kind: str) -> None:
    came, sent = asked(headers, kind=kind)
    assert came == is_let_in
    if not came and kind == "http":
        assert (sent["type"], sent["status"]) == ("http.response.start", 403)
    elif not came:
        assert sent["type"] == "websocket.close"


def test_the_link_gives_a_cookie_and_goes_from_the_address() -> None:
    came, sent = asked([("host", HERE)], f"scenario=minimal&token={TOKEN}&set=a.b%3D1")
    assert not came
    headers = dict(sent["headers"])
    assert sent["status"] == 303
    assert headers[b"location"] == b"/?scenario=minimal&set=a.b%3D1"
    assert headers[b"set-cookie"] == f"{COOKIE}; HttpOnly; Path=/; SameSite=lax".encode()
    for query in ("token=", f"token={TOKEN[:-1]}", f"token={TOKEN}x", f"x=token={TOKEN}"):
        came, sent = asked([("host", HERE)], query)
        assert (came, sent["status"]) == (False, 403)
    for headers_of_others in (
        [("host", f"evil.example:{PORT}")], [("host", HERE), ("origin", "http://evil.example")]
    ):  # fmt: skip
        came, sent = asked(headers_of_others, f"token={TOKEN}")
        assert (came, sent["status"]) == (False, 403)
    came, sent = asked([("host", HERE)], f"token={TOKEN}", kind="websocket")
    assert not came


def test_on_all_addresses_a_name_is_that_of_the_machine_or_digits() -> None:
    for name, is_ours in (("10.0.0.7", True), ("[fe80::1]", True), ("evil.example", False)):
        came, _ = asked([("host", f"{name}:{PORT}"), ("cookie", COOKIE)], host="0.0.0.0")
        assert came == is_ours
    came, _ = asked([("host", f"10.0.0.7:{PORT}"), ("cookie", COOKIE)], host="10.0.0.8")
    assert not came


def test_the_start_and_the_end_of_the_server_are_passed_on() -> None:
    came, _ = asked([], kind="lifespan")
    assert came


# --- the server itself -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def link(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The link of a dashboard, as `sim dashboard` prints it."""
    server = subprocess.Popen(
        [sys.executable, "-m", "sim.cli", "dashboard", "minimal", "--no-open"],
        stdout=subprocess.PIPE, text=True, cwd=tmp_path_factory.mktemp("served"),
    )  # fmt: skip
    assert server.stdout is not None
    yield server.stdout.readline().strip()
    server.send_signal(signal.SIGINT)
    server.wait(60)
    server.stdout.close()


class _Stays(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def status_of(address: str, **headers: str) -> tuple[int, str, Any]:
    request = urllib.request.Request(address, headers=headers)
    try:
        with urllib.request.build_opener(_Stays).open(request, timeout=60) as answer:
            return answer.status, answer.read().decode(errors="replace"), answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace"), error.headers


@pytest.mark.slow
def test_the_server_serves_nothing_but_to_who_has_its_link(link: str) -> None:
    found = re.fullmatch(r"(http://127\.0\.0\.1:\d+)/\?token=([\w-]{32})", link)
    assert found, link
    address, token = found.groups()
    port = address.rpartition(":")[2]
    for path in ("/", "/resourcez", "/readyz", "/static/main.js", "/?scenario=minimal", "/x/y"):
        code, said, _ = status_of(address + path)
        assert (code, said) == (403, "Open the link that sim dashboard printed.")
    code, _, headers = status_of(link)
    assert (code, headers["location"]) == (303, "/")
    cookie = headers["set-cookie"].split(";")[0]
    assert cookie == f"raids-and-talks-{port}={token}"
    code, said, _ = status_of(f"{address}/", Cookie=cookie)
    assert code == 200
    assert token not in said
    assert status_of(f"{address}/", Cookie=cookie, Origin="http://evil.example")[0] == 403
    assert status_of(f"{address}/", Cookie=cookie, Host=f"evil.example:{port}")[0] == 403

    line = f"ws://127.0.0.1:{port}/jupyter/api/kernels/11/channels?session_id=Y"
    for origin, said in (
        ("http://evil.example", cookie), (address, "a=b"), ("null", cookie), (address, "")
    ):  # fmt: skip
        with pytest.raises(InvalidStatus, match="403"):
            connect(line, origin=origin, additional_headers={"Cookie": said})  # type: ignore[arg-type]
    with connect(line, origin=address, additional_headers={"Cookie": cookie}) as ours:  # type: ignore[arg-type]
        ours.send(json.dumps({"header": {}, "content": {}, "channel": "shell"}))
