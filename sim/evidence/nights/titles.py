"""What classes of weapons and forecasters are called where people read of them."""

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
"""Who forecasts, with their titles."""
