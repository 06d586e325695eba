"""Reports on a phone and on paper: pictures large enough to read, and no number torn apart."""

from pathlib import Path
from typing import Any

import pytest

from sim.render.html import as_html
from sim.report.page.contents import document_of

RESULTS = Path(__file__).parents[2] / "results"
# A4 with margins of a centimetre, 96 px an inch: what is wider makes a browser shrink all.
PHONE, PAPER = {"width": 390, "height": 844}, {"width": 718, "height": 1047}

_TORN = """() => [...document.querySelectorAll('td:not(.words)')].flatMap(cell => {
  const torn = [];
  for (const text of [...cell.querySelectorAll('span:not(:empty)')].map(s => s.firstChild)) {
    const range = document.createRange();
    range.selectNodeContents(text);
    if (range.getClientRects().length > 1) torn.push(text.data);
  }
  return torn;
})"""


@pytest.fixture(scope="module", params=[
    "air-base", "theories", "weighing", "covert-or-direct", "saturation-or-precision"
])  # fmt: skip
def page(request: pytest.FixtureRequest, browser: Any, tmp_path_factory: Any) -> Any:
    file = tmp_path_factory.mktemp("report") / "page.html"
    file.write_text(as_html(document_of(RESULTS / request.param)), encoding="utf-8")
    shown = browser.new_page(viewport=PHONE)
    shown.goto(file.as_uri())
    yield shown
    shown.close()


def test_a_picture_can_be_read_on_a_phone(page: Any) -> None:
    page.set_viewport_size(PHONE)
    page.emulate_media(media="screen")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    boxes = page.evaluate(
        "[...document.querySelectorAll('.picture')].map(box => "
        "[box.clientWidth, box.scrollWidth, box.firstElementChild.clientWidth])"
    )
    assert boxes
    for seen, whole, drawn in boxes:
        assert seen <= PHONE["width"] < drawn <= whole
        assert 6.0 * drawn / (72 * 7.2) >= 7.0  # px of the smallest letters: 6 pt of 7.2 inches


def test_on_paper_all_fits_and_a_number_stays_with_its_unit(page: Any) -> None:
    page.set_viewport_size(PAPER)
    page.emulate_media(media="print")
    assert page.evaluate("document.querySelectorAll('td span').length") > 20
    assert page.evaluate(_TORN) == []
    assert page.evaluate("document.documentElement.scrollWidth") == PAPER["width"]
