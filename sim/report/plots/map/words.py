"""The texts of the map of a raid: title, explanation, losses, credits."""

from collections.abc import Sequence

from sim.report.plots.captions import short_title
from sim.report.plots.map.countries import status_of
from sim.report.plots.map.scene import Loss, Scene, span_km
from sim.report.plots.words import number, rough
from sim.report.words import listed


def title_of(scene: Scene) -> str:
    """A title: how many sites are raided, and from how far."""
    title, n = short_title(scene.scenario, scene.raid), len(scene.targets)
    sites = "one site" if n == 1 else f"{n} sites"
    if scene.legs:
        way = _between([leg.length_km for leg in scene.legs])
        return f"{title}: {sites}, {way} from the launch area{'s' if len(scene.areas) > 1 else ''}"
    far = list(scene.km_from_raider.values())
    if far:
        where = f", {_between(far)} from {scene.scenario.sides[scene.raider].title}"
    else:
        where = f", {_apart(scene)}" if n > 1 else ""
    return f"{title}: {sites}{where}, struck from beside {'it' if n == 1 else 'them'}"


def explanation_of(scene: Scene) -> str:
    """How to read the map."""
    parts = []
    if scene.losses:
        parts.append(
            "Discs: things hit (outer, orange) and of them destroyed (inner, red), median; dashed: "
            "the upper end of 90 %."
        )
    if scene.legs:
        parts.append("Legs are great circles.")
    else:
        parts.append("Carriers bring the drones to each site, so there are no legs.")
        if scene.km_from_raider and len(scene.targets) > 1:
            parts.append(f"The sites are {_apart(scene)}.")
    reaches = sorted({radius for name in scene.sites for _, radius in scene.circles(name)})
    if reaches:
        span = (
            f"{number(reaches[0])} to {number(reaches[-1])}"
            if len(reaches) > 1
            else number(reaches[0])
        )
        parts.append(f"The defences reach {span} km.")
    return " ".join(parts)


def far_words(scene: Scene, site: str) -> str:
    """The distance of a site from the country of the raiding side, as text."""
    country = scene.scenario.sides[scene.raider].title
    return f"{number(_round_km(scene.km_from_raider[site]))} km from {country}"


def loss_words(loss: Loss) -> str:
    """The things hit at a site, as text: the median and the 90 % interval."""
    low, median, high = loss.hit
    return f"hit {_things(median)} ({_things(low)}–{_things(high)})"


def description_of(scene: Scene) -> list[str]:
    """Losses at each site and weapons flown from each area, for those who cannot see the map."""
    parts = [_site_words(scene, name) for name in scene.sites]
    for area in scene.areas:
        legs = [leg for leg in scene.legs if leg.area == area]
        ways = "; ".join(
            f"{rough(leg.drones)} {leg.weapon.replace('_', ' ')} to {scene.sites[leg.site].title}, "
            f"{number(_round_km(leg.length_km))} km"
            for leg in legs
        )
        parts.append(f"From {scene.areas[area].title}: {ways}.")
    return parts


def _site_words(scene: Scene, name: str) -> str:
    title, loss = scene.sites[name].title, scene.losses.get(name)
    if name in scene.km_from_raider:
        title = f"{title}, {far_words(scene, name)}"
    if loss is None:
        return f"{title}."
    low, median, high = (_things(value) for value in loss.destroyed)
    return f"{title}: {loss_words(loss)}, destroyed {median} ({low}–{high})."


def credit_of(scene: Scene, tinted: Sequence[str]) -> str:
    """The sources of the map, and how to understand its lines and its tinted countries."""
    where = ", ".join(scene.sources) or "assumed"
    if not scene.is_real:
        return "Made-up places: only distances count."
    return f"Places as in the scenario, rounded ({where}). {lines_words(tinted)}"


def lines_words(tinted: Sequence[str]) -> str:
    """Whose lines are drawn, and which disputed areas the tinted countries include."""
    lines = "Coasts and borders: Natural Earth, dotted where disputed"
    if not tinted:
        return f"{lines}; no claim is judged."
    status = "".join(f", {words}" for words in status_of(tinted))
    return f"{lines}. {listed(tinted)} within internationally recognised borders{status}."


def drones_words(low: float, high: float) -> str:
    """The smallest and the largest number of drones of a weapon's legs."""
    low_word, high_word = number(round(low, 1)), number(round(high, 1))
    return low_word if low_word == high_word else f"{low_word} to {high_word}"


def _between(lengths_km: Sequence[float]) -> str:
    """The shortest and the longest of some lengths, as text."""
    shortest, longest = (number(_round_km(km)) for km in (min(lengths_km), max(lengths_km)))
    return f"{longest} km" if shortest == longest else f"{shortest} to {longest} km"


def _apart(scene: Scene) -> str:
    return f"up to {number(_round_km(span_km(scene)))} km apart"


def _round_km(km: float) -> float:
    """A distance between places whose positions are rounded, rounded in turn."""
    return round(km, -2) if km >= 1000 else round(km, -1)


def _things(value: float) -> str:
    """A number of things, as a whole number."""
    return number(round(value))
