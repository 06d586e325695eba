"""How many examples Hypothesis tries of a law: all in `make thorough`, a fifth in `make test`,
a tenth where other libraries are tried (`make newest`).

Nothing is timed: how fast a machine is says nothing of a law.
"""

from typing import Any

from hypothesis import HealthCheck, settings

SUITE = "suite"
_UNTIMED: dict[str, Any] = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("thorough", max_examples=100, **_UNTIMED)
settings.register_profile(SUITE, max_examples=20, **_UNTIMED)
settings.register_profile("quick", max_examples=10, **_UNTIMED)


def examples(thorough: int, **more: Any) -> settings:
    """So many examples in `make thorough`, and in `make test` the share its profile has of 100."""
    share = settings.default.max_examples / 100
    return settings(max_examples=max(1, round(thorough * share)), **more)
