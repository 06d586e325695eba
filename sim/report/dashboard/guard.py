"""Who may read: one who has the link, at a name of this machine, from no page but ours.

The rules are those of Jupyter's server: a token in the first link, then a cookie; Host is checked
against names that another's DNS can point here, Origin against pages of other sites.
"""

import hmac
import ipaddress
import socket
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_EVERYWHERE = ("0.0.0.0", "::")


class Guard:
    """A server's application behind its token: without it nothing of the application is served."""

    def __init__(self, app: App, token: str, host: str, port: int) -> None:
        self._app, self._token, self._host, self._port = app, token, host, port
        self._cookie = f"raids-and-talks-{port}"  # a cookie is of a host, whatever the port

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, one websocket, or the start and end of the server."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = _headers(scope)
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        given = [value for key, value in query if key == "token"]
        if not self._is_from_here(headers):
            await _refuse(scope, receive, send, "This address or page is not the dashboard's.")
        elif any(map(self._is_token, given)) and scope["type"] == "http":
            rest = urlencode([pair for pair in query if pair[0] != "token"])
            await self._let_in(send, "/" + (f"?{rest}" if rest else ""))
        elif self._is_token(self._token_in_cookie(headers)):
            await self._app(scope, receive, send)
        else:
            await _refuse(scope, receive, send, "Open the link that sim dashboard printed.")

    def _is_from_here(self, headers: dict[str, list[str]]) -> bool:
        hosts, origins = headers.get("host", []), headers.get("origin", [])
        if len(hosts) != 1 or not self._is_name_of_ours(hosts[0]):
            return False
        return all(origin == f"http://{hosts[0]}" for origin in origins)

    def _is_name_of_ours(self, host: str) -> bool:
        """Whether a Host header names this server; an address in digits is no one's DNS."""
        try:
            parts = urlsplit(f"//{host}")
            name, port = parts.hostname or "", parts.port or 80
        except ValueError:
            return False
        if port != self._port or parts.netloc != host or "@" in host:
            return False
        names = {"localhost", "127.0.0.1", "::1", self._host.lower()}
        if self._host not in _EVERYWHERE:
            return name in names
        return name in names | {socket.gethostname().lower()} or _is_address(name)

    def _token_in_cookie(self, headers: dict[str, list[str]]) -> str:
        try:
            cookies = SimpleCookie("; ".join(headers.get("cookie", [])))
        except CookieError:
            return ""
        return cookies[self._cookie].value if self._cookie in cookies else ""

    def _is_token(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), self._token.encode())

    async def _let_in(self, send: Send, address: str) -> None:
        """Hand out the cookie, and lead to the page without the token in its address."""
        cookie = f"{self._cookie}={self._token}; Path=/; HttpOnly; SameSite=Lax"
        headers = {"location": address, "set-cookie": cookie, "cache-control": "no-store"}
        await _answer(send, 303, headers, b"")


def _headers(scope: Scope) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        found.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
    return found


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


async def _refuse(scope: Scope, receive: Receive, send: Send, why: str) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
    else:
        await _answer(send, 403, {"content-type": "text/plain; charset=utf-8"}, why.encode())


async def _answer(send: Send, status: int, headers: dict[str, str], body: bytes) -> None:
    coded = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": coded})
    await send({"type": "http.response.body", "body": body})
