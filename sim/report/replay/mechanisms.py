"""What each mechanism stands for, in a few words, to stand after its name."""

_MEANS = {
    "cost": "losses make fighting on dear",
    "learning": "what battles teach of the odds",
    "reference": "prospects seen from what was hoped for",
    "image": "humiliated at home, a leader concedes dearly",
    "rally": "rally round the flag",
    "threshold": "some violence softens, much hardens",
    "sunk": "what was lost must not be in vain",
    "weariness": "the war grows long",
    "turbulence": "movement and casualties together",
    "spiral": "hardness answers hardness",
    "sacred": "what is not for trade",
    "audience": "vows made in public",
}


def in_words(mechanism: str) -> str:
    """A mechanism's name and what it stands for; the name alone of one's own."""
    means = _MEANS.get(mechanism)
    return f"{mechanism}: {means}" if means else mechanism.replace("_", " ")
