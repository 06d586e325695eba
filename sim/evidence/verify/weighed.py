"""Mechanisms that depend on a public: image and audience, weighted by its hardness."""

from collections.abc import Iterator

import numpy as np

from sim.evidence.verify.case import Case, Check, Floats, Loader, of_identity
from sim.evidence.verify.courses import SIDES, course, figure, fought
from sim.evidence.verify.mechanisms import source_of
from sim.evidence.verify.news import News, faded, news_of
from sim.war.model import War


def _any(low: float, high: float, unit: str = "") -> str:
    of = f", unit: {unit}" if unit else ""
    middle = (low + high) / 2.0
    return f"{{value: {middle:g}, low: {low:g}, high: {high:g}, law: uniform, assumed: any{of}}}"


def _publics(**more: str) -> str:
    """The override that gives both sides a public whose will to concede depends on any figures."""
    tires = {"share": _any(0.2, 0.6), "per_decade": _any(0.0, 4.0), "onset": _any(300, 400, "day")}
    rallies = {"rally": _any(-0.5, 0.5), "rally_lasts": _any(20, 90, "day")}
    sunk = {"sunk": _any(0.0, 1.0), "sunk_scale": _any(0.05, 0.3)}
    one = f"{{end_war: {_block(tires | rallies)}, concede: {_block(tires | sunk | more)}}}"
    return f"publics={{underdog: {one}, favourite: {one}}}"


def _block(figures: dict[str, str]) -> str:
    return "{" + ", ".join(f"{name}: {value}" for name, value in figures.items()) + "}"


# a public that only softens, so that no rising demand overtakes a vow
_SOFTENS = _publics(sunk="{value: 0, assumed: nothing is sunk}")


def weighed(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """Each term is weighted by the share of the public that would not concede."""
    for name, publics, form in (("image", _publics(), _image), ("audience", _SOFTENS, _audience)):
        war = fought(load(f"mechanisms.{name}.on=true", publics), runs, seed)
        expected, got = [], []
        for side, letter in SIDES.items():
            news = news_of(war, side)
            expected.append(form(war, side, news))
            got.append(course(war, f"h_{name}_{letter}"))
        forms, terms = np.array(expected).ravel(), np.array(got).ravel()
        yield of_identity(f"{name}, weighed by the public", source_of(name), forms, terms)


def _hardness(war: War, side: str, news: News) -> Floats:
    """The share of a public that would not concede, relative to the start, (days, runs)."""
    path = f"publics.{side}.concede"
    share, per_decade, onset, sunk, scale = (
        war.sample[f"{path}.{name}"]
        for name in ("share", "per_decade", "onset", "sunk", "sunk_scale")
    )
    start = float((war.scenario.start - (war.scenario.war_began or war.scenario.start)).days)
    tired = np.log10(np.maximum(start + news.day, onset) / np.maximum(start, onset))
    counted = sunk * (1.0 - np.exp(-news.loss.cumsum(axis=0) / scale))
    # odds of conceding, by the logistic law
    odds = share / (1.0 - share) * np.exp(per_decade * tired - counted)
    return np.asarray(1.0 / (1.0 + odds) / (1.0 - share))


def _image(war: War, side: str, news: News) -> Floats:
    per_surprise, threshold, lasts = (
        figure(war, f"mechanisms.image.{name}", side)
        for name in ("per_surprise", "threshold", "lasts")
    )
    humiliation = np.maximum(0.0, news.surprise - threshold) * _hardness(war, side, news)
    return per_surprise * faded(news, humiliation, lasts)


def _audience(war: War, side: str, news: News) -> Floats:
    below, stirs = (
        figure(war, f"mechanisms.audience.{name}", side)
        for name in ("cost_below_vow", "vow_per_surprise")
    )
    p, cost, demand = (war.sample[f"minds.{side}.{word}"] for word in ("p_win", "cost", "demand"))
    vow = 1.0 - (1.0 - demand) * np.exp(-stirs * news.surprise.cumsum(axis=0))
    a = below * _hardness(war, side, news)
    return a / (1.0 + a) * np.maximum(0.0, vow - (p - cost))


CHECKS = (Check("mechanisms", weighed, runs=100),)
