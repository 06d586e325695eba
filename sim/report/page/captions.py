"""The caption of a figure, below its title: how the figure is to be read."""

_CAPTIONS = {
    "map": "Sites raided, the way there, the reach of what guards them, and things hit and "
    "destroyed at each (median; dashed, the upper end of 90 %). Where drones start beside "
    "a site, the km are those from the country that raids it.",
    "losses_against_reports": "The model's distribution over the wars in which the raid flew, and "
    "what was reported of it with who says so; † marks what was used for tuning.",
    "flow": "Mean numbers each time the raid flew, with 90 % of the flights in brackets. What a "
    "unit stopped is known, not whose drone it was.",
    "fates": "Mean numbers each time a raid flew, by the site the drones were sent to.",
    "cost_exchange": "Medians, and where 90 % of the wars lie in which the raid flew, in US "
    "dollars on a logarithmic scale.",
    "positions": "Median, and bands that hold 50 and 90 % of the wars, day by day; thin lines are "
    "median public demands. Raids and meetings are marked on their day.",
    "history": "What the scenario reads of the war, by month, with its sources in the scenario; "
    "below it the model: what was agreed by when, what publics are ready for, and what each side "
    "accepts (median, and bands that hold 50 and 90 % of the wars). Blows and rounds are marked.",
    "effects": "The difference run by run on shared luck, in the direction that the title "
    "says: its mean with the Monte Carlo error (95 %), and dashed its median, day by day.",
    "tornado": "From the mean outcome at a figure's low end to that at its high end; beside it the "
    "index of the figure and how far off it may be.",
    "discovery": "Coverage against density on wars that nothing was learned on.",
    "theories": "A theory is a combination of mechanisms; each counts alike, which is no degree of "
    "belief.",
    "impulse": "What a stimulus adds to each side's reservation with one mechanism on; a frame "
    "marks a sign that the theory does not predict.",
    "corner": "On the diagonal each figure before and after the reports; below it each pair, with "
    "the regions that hold 50 and 90 % after them.",
    "nights": "One column a class: above, how often the intervals hold what came; below, the share "
    "that leaked by size of raid, as it was and as forecast.",
    "skill": "The CRPS of the filter and of the regressions that forget over the last 30 nights "
    "of a class, as a share of that of the regression that is best over all of them.",
    "fan": "Bars hold 90 % of the forecast of each night, from all nights before it; dots are "
    "what came.",
    "defence": "What the filter thinks of the defence at the end of each month, with 90 %.",
    "nights_to_come": "What came through lately, and bars that hold 50 and 90 % of the forecast.",
    "strengths": "The odds that each mechanism acts, times so much by the record, with 95 % of the "
    "Monte Carlo error, and its strength if it acts, before and after: median and 90 %.",
    "forecasts": "A panel an item: each wave, and the forecast of it from all waves before; bars "
    "hold 90 %.",
    "events": "A row an event and item: the step of its waves with 95 %, and the share of placebo "
    "dates whose step is as large.",
    "matrix": "Rows are theories of which records were made up, columns what these were taken for; "
    "an even row is a theory that the polls cannot show.",
    "ranks": "How often the true strength lies at a rank among those weighed, in made-up records; "
    "coloured where a count is rarer than one in twenty.",
    "polls_ahead": "A panel an item: waves of the record, and what is foreseen month by month, "
    "median with bands that hold 50 and 90 %.",
    "polls": "A panel a poll: the model before any wave and fitted to those up to the dashed day, "
    "with the polls themselves; medians, and bands and bars that hold 90 %.",
    "front": "Means of all options with their Monte Carlo error (95 %); ringed, what is "
    "recommended for each budget.",
    "mixes": "The chance with which each side plays an option where both play well, and what "
    "another sample of wars would change of it (95 %).",
    "lines": "Means with their Monte Carlo error, and where 90 % of the wars lie.",
    "settings": "Means with their Monte Carlo error, and where 90 % of the wars lie.",
}
_OF_OUTCOMES = {
    "map_": "Means at each place of the grid; where two settings are compared, their difference "
    "on shared luck beside them.",
    "points_": "A dot is the mean of a point over its wars.",
}
"""Of figures that are one an outcome, by the beginning of their names."""


def caption_of(name: str, title: str) -> str:
    """A figure's title and how it is to be read. Raises KeyError for a figure nobody worded."""
    begun = (words for head, words in _OF_OUTCOMES.items() if name.startswith(head))
    words = _CAPTIONS.get(name) or next(begun, None)
    if words is None:
        raise KeyError(name)
    return f"{title.rstrip('.')}. {words}"
