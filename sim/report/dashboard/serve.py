"""The server of the page: on this machine only unless set otherwise, for readers with its link."""

import os
import secrets
import socket
import threading
import warnings
import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sim.compiled import CACHE_FOLDER
from sim.scenario.shipped import shipped

PORT = 8765
_NOWHERE = "http://127.0.0.1:9/"  # where Solara would fetch missing assets: nothing listens there
_RETURNS_WITHIN = "10m"  # how long a lost connection can be resumed
_ENDS_WITHIN_S = 10.0
_APP = "sim.report.dashboard.page:Page"


class ServeError(RuntimeError):
    """The page cannot be served; the message gives the reason in one line."""


def offers_of(file: Path | None) -> tuple[dict[str, Path], str]:
    """The scenarios to choose from by name, and the one shown first."""
    found = {path.stem: path for path in sorted(shipped("scenarios").glob("*.yaml"))}
    found.pop("sources", None)
    if file is None:
        return found, "spiderweb"
    return {file.stem: file, **{n: p for n, p in found.items() if n != file.stem}}, file.stem


def listening(host: str, wanted: int | None) -> socket.socket:
    """A socket listening at the wanted port, or at 8765, or at any free port if that is taken.

    The server uses this socket itself, so that nobody else can take the port. Raises ServeError if
    the host is not this machine's, or the wanted port is taken.
    """
    last: OSError | None = None
    for port in (PORT, 0) if wanted is None else (wanted,):
        try:
            family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
            return socket.create_server((host, port), family=family)
        except OSError as error:
            last = error
    why = last.strerror if last is not None else ""
    raise ServeError(
        f"{host}:{wanted or PORT}: cannot be listened at ({why}), expected another --host or --port"
    )


def serve(
    file: Path | None,
    host: str,
    listens: socket.socket,
    opens: bool,
    on_ready: Callable[[str], None],
    out: str = "results",
) -> None:
    """Serve the page at a listening socket until interrupted.

    `on_ready` is called with its link once it is served. Answers of `sim choose` are the shipped
    ones and those in the folder `out`. The link contains the token that admits a browser; without
    it nothing is served.
    """
    token, port = secrets.token_urlsafe(24), int(listens.getsockname()[1])
    server = _server(host, port, token)
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}/?token={token}"

    def announce() -> None:
        while not server.started:
            if server.should_exit:
                return
            threading.Event().wait(0.05)
        on_ready(address)
        if opens:
            webbrowser.open(address)

    threading.Thread(target=announce, daemon=True).start()
    from sim.report.dashboard.choices import choices_in
    from sim.report.dashboard.run_processes import Workers
    from sim.report.dashboard.session import Configuration, configure

    offers, first = offers_of(file)
    workers = Workers()
    config = Configuration(offers, first, workers, choices_in(shipped("results"), Path(out)))
    configure(config)
    preparing = threading.Thread(target=config.prepare, daemon=True)
    preparing.start()
    try:
        server.run([listens])
    finally:
        workers.end()
        preparing.join(_ENDS_WITHIN_S)  # ending while a thread is inside a library may crash


def _server(host: str, port: int, token: str) -> Any:
    """The server behind its token, which sends nothing anywhere and looks nothing up."""
    os.environ |= {
        "SOLARA_KERNEL_CULL_TIMEOUT": _RETURNS_WITHIN,
        "SOLARA_APP": _APP,
        "SOLARA_ASSETS_CDN": _NOWHERE,
        "SOLARA_HOME": str(CACHE_FOLDER.parent.parent / "solara"),
        "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "false",
        "SOLARA_TELEMETRY_SERVER_USER_ID": "nobody",
        "SOLARA_THEME_SHOW_BANNER": "false",
        "SOLARA_THEME_TITLE": "Raids & Talks",
        "SOLARA_THEME_LOADER": "plain",
    }
    # Cookies do not leave this machine, nor the site that set them: Solara's advice is not needed.
    warnings.filterwarnings("ignore", "Cookies with samesite=none require https")
    import uvicorn
    from solara.server.starlette import app

    from sim.report.dashboard.assets import Assets
    from sim.report.dashboard.guard import Guard

    config = uvicorn.Config(
        Guard(Assets(app), token, host, port),
        host=host,
        port=port,
        log_level="error",
        access_log=False,
        proxy_headers=False,
        timeout_graceful_shutdown=1,
    )
    return uvicorn.Server(config)
