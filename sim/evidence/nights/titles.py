"""The titles of classes of weapons and of forecasters in texts."""

CLASSES = {
    "shahed": "Shahed type and decoys",
    "cruise": "Cruise missiles",
    "ballistic": "Ballistic and supersonic missiles",
}
"""Classes of weapons, with their titles."""
FORECASTERS = {
    "model": "the model",
    "last_month": "last month's rate",
    "regression": "regression on size and month",
    "no_mechanism": "a drifting rate, no mechanism",
}
"""Forecasters with their titles."""
SEQUENTIAL = {
    "filter": "the filter",
    "forgetting_20": "regression that forgets, half-life 20 days",
    "forgetting_45": "half-life 45 days",
    "forgetting_90": "half-life 90 days",
    "last_month": "last month's rate",
    "regression": "regression as of the half-year's eve",
    "drift": "a drift that knows no size",
    "filter_alone": "the filter by size alone, no mechanism",
    "without_decoys": "the filter without decoys",
    "without_massing": "the filter without massing",
    "without_channels": "the filter with endless channels",
}
"""Forecasters of the sequential validation with their titles."""
