"""Import matplotlib unaffected by the user's own settings for pictures."""

import contextlib
import logging
import os
import sys

from sim.experiment.errors import SettingsError


def _imported() -> None:
    """Import matplotlib, and leave a configured and available backend to the user's own pictures.

    Raises SettingsError if the user's settings are not readable text.
    """
    log = logging.getLogger("matplotlib")  # warns about settings that are not used here
    level, backend = log.level, os.environ.pop("MPLBACKEND", None)
    log.setLevel(logging.ERROR)
    try:
        import matplotlib.figure
    except (OSError, UnicodeError) as error:
        raise SettingsError(
            f"the settings of matplotlib cannot be read ({error}), expected a matplotlibrc in UTF-8"
        ) from None
    finally:
        log.setLevel(level)
        if backend is not None:
            os.environ["MPLBACKEND"] = backend
    if backend:
        with contextlib.suppress(ValueError):
            matplotlib.rcParams["backend"] = backend


if "matplotlib" not in sys.modules:
    _imported()
