"""Captions of figures: the text below the title that says how to read the figure."""

from sim.report.words import ended

_CAPTIONS = {
    "map": "The raided sites, the legs to them, the reach of their defence, and the things hit "
    "and destroyed at each (median; dashed, the upper end of 90 %). If drones start beside a "
    "site, the km are those from the raiding country.",
    "losses_against_reports": "The model's distribution over the wars in which the raid flew, "
    "and what was reported about it, by whom; † marks reports used for tuning.",
    "flow": "Mean numbers each time the raid flew, with 90 % of the flights in brackets. What a "
    "unit stopped is known, not whose drone it was.",
    "fates": "Mean numbers each time a raid flew, by the site to which the drones were sent.",
    "cost_exchange": "Medians and the central 90 % of the wars in which the raid flew, in US "
    "dollars on a logarithmic scale.",
    "positions": "Median, and bands that hold 50 and 90 % of the wars, day by day; thin lines are "
    "median public demands. Raids and meetings are marked on their day.",
    "history": "What the scenario reads of the war, by month, with its sources in the scenario; "
    "below it the model: what was agreed by when, what publics are ready for, and what each side "
    "accepts (median, and bands that hold 50 and 90 % of the wars). Blows and rounds are marked.",
    "effects": "The difference run by run on shared luck, in the direction that the title "
    "says: its mean with the Monte Carlo error (95 %), and dashed its median, day by day.",
    "tornado": "From the mean outcome at a figure's low end to that at its high end; beside it "
    "the index of the figure with its error.",
    "discovery": "Coverage against density, on wars that were not used for learning.",
    "theories": "A theory is a combination of mechanisms; each counts alike, which does not "
    "express a degree of belief.",
    "impulse": "What a stimulus adds to each side's reservation with one mechanism on; a frame "
    "marks a sign that is not the predicted one.",
    "corner": "On the diagonal each figure before and after the reports; below it each pair, with "
    "the regions that hold 50 and 90 % after them.",
    "nights": "One column for each class: above, how often the intervals hold the outcome; "
    "below, the share that came through by size of raid, observed and forecast.",
    "skill": "The CRPS of the filter and of the regressions that forget over the last 30 nights "
    "of a class, as a share of that of the best regression: below 1 is better.",
    "fan": "Bars hold 90 % of the forecast of each night, from all nights before it; dots are "
    "the outcomes.",
    "defence": "The defence as the filter estimates it at the end of each month, with 90 %.",
    "nights_to_come": "What came through recently, and bars that hold 50 and 90 % of the forecast.",
    "strengths": "The factor by which the record changes the odds that each mechanism acts, with "
    "its Monte Carlo error (95 %), and its strength if it acts, before and after: median and "
    "90 %.",
    "forecasts": "One panel for each item: each wave, and its forecast from all waves before; bars "
    "hold 90 %.",
    "events": "One row for each event and item: the step of its waves with 95 %, and the share "
    "of placebo dates whose step is as large.",
    "matrix": "Rows are the theories from which records were made up, columns the theories for "
    "which these were taken; an even row is a theory that the polls cannot show.",
    "ranks": "How often the true strength lies at a rank among those weighed, in made-up records; "
    "coloured where a count is rarer than one in twenty.",
    "polls_ahead": "One panel for each item: waves of the record and the forecast month by "
    "month, median with bands that hold 50 and 90 %.",
    "polls": "One panel for each poll: the model before any wave and fitted to those up to the "
    "dashed day, with the polls themselves; medians, and bands and bars that hold 90 %.",
    "front": "Means of all options with their Monte Carlo error (95 %); a ring marks the "
    "recommendation for each budget.",
    "mixes": "The probability with which each side plays an option if both play well, and how "
    "much another sample of wars would change it (95 %).",
    "lines": "Means with their Monte Carlo error, and where 90 % of the wars lie.",
    "settings": "Means with their Monte Carlo error, and where 90 % of the wars lie.",
}
_OF_OUTCOMES = {
    "map_": "Means at each place of the grid; where two settings are compared, their difference "
    "on shared luck beside them, hatched where it is below zero.",
    "points_": "A dot is the mean of a point over its wars.",
}
"""Captions of figures that exist once per outcome, by the beginning of their names."""


def caption_of(name: str, title: str) -> str:
    """A figure's title and caption. Raises KeyError if the figure has no caption."""
    begun = (words for head, words in _OF_OUTCOMES.items() if name.startswith(head))
    words = _CAPTIONS.get(name) or next(begun, None)
    if words is None:
        raise KeyError(name)
    return f"{ended(title)} {words}"
