"""Access control: readers must have the link, use a name of this machine, and come from our page.

The rules are those of Jupyter's server: a token in the first link, then a cookie; Host is checked
against DNS rebinding, Origin against pages of other sites.
"""

import hmac
import ipaddress
import socket
from urllib.parse import urlencode, urlsplit

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_EVERYWHERE = ("0.0.0.0", "::")


class Guard:
    """An application behind a token: without it nothing of the application is served."""

    def __init__(self, app: ASGIApp, token: str, host: str, port: int) -> None:
        self._app, self._token, self._host, self._port = app, token, host, port
        self._cookie = f"raids-and-talks-{port}"  # cookies are shared by all ports of a host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request, a websocket, or the start and end of the server."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        request = HTTPConnection(scope)
        if not self._is_from_here(request.headers):
            await _refuse(
                scope, receive, send, "This address or page does not belong to the dashboard."
            )
        elif self._has_token_in_link(request):
            await self._let_in(request)(scope, receive, send)
        elif self._is_token(request.cookies.get(self._cookie, "")):
            await self._app(scope, receive, send)
        else:
            await _refuse(scope, receive, send, "Open the link that sim dashboard printed.")

    def _is_from_here(self, headers: Headers) -> bool:
        hosts, origins = headers.getlist("host"), headers.getlist("origin")
        if len(hosts) != 1 or not self._is_name_of_ours(hosts[0]):
            return False
        return all(origin == f"http://{hosts[0]}" for origin in origins)

    def _is_name_of_ours(self, host: str) -> bool:
        """Whether a Host header names this server; a numeric address cannot be rebound by DNS."""
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

    def _has_token_in_link(self, request: HTTPConnection) -> bool:
        given = request.query_params.getlist("token")
        return request.scope["type"] == "http" and any(map(self._is_token, given))

    def _is_token(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), self._token.encode())

    def _let_in(self, request: HTTPConnection) -> RedirectResponse:
        """Set the cookie, and redirect to the page without the token in its address."""
        rest = [pair for pair in request.query_params.multi_items() if pair[0] != "token"]
        headers = {"cache-control": "no-store"}
        response = RedirectResponse("/" + (f"?{urlencode(rest)}" if rest else ""), 303, headers)
        response.set_cookie(self._cookie, self._token, httponly=True, samesite="lax")
        return response


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
        await PlainTextResponse(why, 403)(scope, receive, send)
