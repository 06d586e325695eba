"""Places: sites with what stands there, and launch areas."""

from pydantic import Field, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from sim.scenario.figure import Block, Count, Probability, check_sources
from sim.scenario.schema.references import AssetName, SideName, Text, UnitName


class Position(Block):
    """A place on the globe, in degrees, as publicly known and no finer."""

    lat: float = Field(ge=-90.0, le=90.0)
    lon: float = Field(ge=-180.0, le=180.0)
    source: str | None = None
    assumed: Text | None = None

    @model_validator(mode="after")
    def _is_honest(self, info: ValidationInfo) -> "Position":
        if not self.source and not self.assumed:
            raise PydanticCustomError(
                "figure_provenance",
                "a position must say where it comes from, expected source: KEY or assumed: WHY",
            )
        check_sources((self.source,) if self.source else (), info)
        return self


class SiteAssets(Block):
    """The number of assets of a class at a site; `protection` stops a hit (shelters, netting)."""

    count: Count
    protection: Probability | None = None


class SiteDefence(Block):
    """The number of units of a class that guard a site. They share one circle and act as one."""

    count: Count


class Site(Block):
    """A place that is attacked or guarded. `readiness` scales detection while unwarned."""

    title: Text
    side: SideName
    position: Position
    assets: dict[AssetName, SiteAssets] = {}
    defence: dict[UnitName, SiteDefence] = {}
    readiness: Probability | None = None
    dispersal: Probability | None = None
    decoy_targets: Count | None = None


class LaunchArea(Block):
    """A region from which drones or missiles are launched."""

    title: Text
    side: SideName
    position: Position
