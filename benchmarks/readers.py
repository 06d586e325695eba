"""Readers of the dashboard without a browser: what one sends and waits for, by Solara's protocol.

A browser takes seconds of a core for a page, which on the server's own machine would be measured
with it. These fetch what a browser fetches, open the page by its websocket, move a figure, and look
at no more of what comes than they need to tell an answer.
"""

import gzip
import http.client
import json
import re
import time
import uuid
from urllib.parse import urlsplit

from websockets.sync.client import connect

_ASSET = re.compile(r'(?:src|href)="(/[^"]+\.(?:js|css)[^"]*)"')
_LATER = (  # what the page's scripts fetch
    "/static/assets/theme-light.css",
    "/static/assets/favicon.svg",
    "/jupyter/nbextensions/jupyter-vuetify/nodeps.js",
    "/jupyter/nbextensions/jupyter-vue/nodeps.js",
    "/jupyter/nbextensions/jupyter-vue/nodeps-vue-sfc.js",
)
_ANSWER = '"headline\\"'  # as it is quoted in a message
_FINAL = re.compile(r"^[\d,]+ wars in [\d.]+ s$")
PATIENCE_S = 300


class Reader:
    """One reader's page: opened once, then changed. Files come one after the other."""

    def __init__(self, address):
        parts = urlsplit(address)
        self.host, self.link = parts.netloc, f"{parts.path}?{parts.query}"
        self._http = http.client.HTTPConnection(self.host, timeout=PATIENCE_S)
        self._cookies, self._models = {}, {}

    def open(self):
        """Seconds until the settings, the first answer and the whole one are there."""
        started = time.monotonic()
        self._get(self.link)  # hands out the cookie
        page = self._get("/").decode()
        for asset in dict.fromkeys((*_ASSET.findall(page), *_LATER)):
            self._get(asset)
        kernel, self._session = str(uuid.uuid4()), str(uuid.uuid4())
        self._line = connect(
            f"ws://{self.host}/jupyter/api/kernels/{kernel}/channels?session_id={self._session}",
            additional_headers={"Cookie": self._cookie(), "Origin": f"http://{self.host}"},
            max_size=None, compression=None, open_timeout=PATIENCE_S,
        )  # fmt: skip
        self._send("kernel_info_request", {})
        comm = str(uuid.uuid4())
        self._send("comm_open", {"comm_id": comm, "target_name": "solara.control", "data": {}})
        run = {"path": "/", "dark": False, "themes": {}, "appName": None}
        self._send("comm_msg", {"comm_id": comm, "data": {"method": "run", "args": run}})
        return self._watch(started, needs_settings=True)

    def change(self, path, text):
        """Seconds until the first numbers of a figure's new value, and until the whole answer."""
        started = time.monotonic()
        self._event("set_figure", {"path": path, "text": text})
        _, *answers = self._watch(started)
        return answers

    def close(self):
        self._line.close()
        self._http.close()

    def _event(self, name, data):
        content = {"method": "custom", "content": {"event": name, "data": data}}
        self._send("comm_msg", {"comm_id": self._models["panel"], "data": content})

    def _watch(self, started, needs_settings=False):
        settings = first = whole = None  # in whatever order they come
        is_underway = needs_settings
        while True:
            text = self._line.recv(timeout=PATIENCE_S)
            now = time.monotonic() - started
            message = json.loads(text)
            content = message.get("content", {})
            state = content.get("data", {}).get("state", {})
            if "groups" in state and "switches" in state:
                self._models.setdefault("panel", content["comm_id"])
                settings = settings or now
            if first is None and _ANSWER in text:
                first = now
            if "note" in state:
                is_final = _FINAL.match(state["note"]) is not None
                is_underway |= not is_final
                whole = now if is_final and is_underway else None
            if first is not None and whole is not None:
                return settings, first, max(first, whole)

    def _send(self, kind, content):
        header = {
            "msg_id": str(uuid.uuid4()), "msg_type": kind, "session": self._session,
            "date": "2025-01-01T00:00:00.000Z", "username": "", "version": "5.2",
        }  # fmt: skip
        message = {"header": header, "content": content, "channel": "shell", "buffers": []}
        self._line.send(json.dumps(message | {"metadata": {}, "parent_header": {}}))

    def _get(self, path):
        headers = {"Cookie": self._cookie(), "Accept-Encoding": "gzip"}
        self._http.request("GET", path, headers=headers)
        answer = self._http.getresponse()
        body = answer.read()
        for one in answer.headers.get_all("set-cookie", []):
            name, _, value = one.partition(";")[0].partition("=")
            self._cookies[name] = value
        assert answer.status in (200, 303), (path, answer.status)
        is_packed = answer.headers.get("content-encoding") == "gzip"
        return gzip.decompress(body) if is_packed and path == "/" else body

    def _cookie(self):
        return "; ".join(f"{name}={value}" for name, value in self._cookies.items())
