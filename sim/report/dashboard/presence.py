"""Whether a reader's browser is still connected, according to the server of the page."""

import time

from solara.server import kernel_context


class Presence:
    """The pages of one reader; to be created where the reader's page is created."""

    def __init__(self) -> None:
        has_pages = kernel_context.has_current_context()
        self._pages = kernel_context.get_current_context().page_status if has_pages else None
        self._left_at: float | None = None

    def away_s(self) -> float:
        """Seconds since the last page of the reader was connected; 0 while one is."""
        connected = kernel_context.PageStatus.CONNECTED
        if self._pages is None or connected in list(self._pages.values()):
            self._left_at = None
            return 0.0
        now = time.monotonic()
        if self._left_at is None:
            self._left_at = now
        return now - self._left_at
