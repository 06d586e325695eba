"""Where the scenarios are that come with the package."""

from pathlib import Path

_PACKAGE = Path(__file__).parent.parent


def shipped(name: str) -> Path:
    """The file of a shipped scenario, such as `spiderweb` or `verify/thinning`.

    In an installed package scenarios lie inside it, in a clone beside it. The file need not exist.
    """
    inside = _PACKAGE / "shipped" / "scenarios"
    folder = inside if inside.is_dir() else _PACKAGE.parent / "scenarios"
    return folder / f"{name}.yaml"
