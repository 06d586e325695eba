"""Scripts and style sheets of the page, compressed once for all readers.

Solara compresses each file again for each reader, which takes as much processor time as the rest of
opening a page.
"""

import asyncio

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_FOLDERS = ("/static/", "/_solara/cdn/", "/jupyter/nbextensions/")
_PARTIAL = ("if-none-match", "if-modified-since", "if-range", "range")


class Assets:
    """An application that caches its files as they were first sent."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._stored: dict[tuple[str, bool], list[Message]] = {}
        self._lock = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request, a websocket, or the start and end of the server."""
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        is_whole_file = (
            scope.get("method") == "GET"
            and scope["path"].startswith(_FOLDERS)
            and not any(name in headers for name in _PARTIAL)
        )
        if not is_whole_file:
            await self._app(scope, receive, send)
            return
        key = scope["path"], "gzip" in headers.get("accept-encoding", "")
        if key not in self._stored:
            async with self._lock:  # requests that wait here find it stored
                if key not in self._stored:
                    answer = await self._answer(scope, receive)
                    if answer[0]["status"] == 200:
                        self._stored[key] = answer
                    else:
                        await _send_all(answer, send)
                        return
        await _send_all(self._stored[key], send)

    async def _answer(self, scope: Scope, receive: Receive) -> list[Message]:
        """The head and the whole body of the application's response."""
        sent: list[Message] = []

        async def note(message: Message) -> None:
            sent.append(message)

        await self._app(scope, receive, note)
        body = b"".join(message.get("body", b"") for message in sent[1:])
        head = {**sent[0], "headers": list(sent[0]["headers"])}
        MutableHeaders(raw=head["headers"])["content-length"] = str(len(body))
        return [head, {"type": "http.response.body", "body": body}]


async def _send_all(messages: list[Message], send: Send) -> None:
    for message in messages:
        await send(message)
