"""The benchmarks, each once and as small as it goes: that they run, and not how fast.

Under load nothing is timed. What starts whole commands is run by `make bench` alone.
"""

import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sim.raid import kernel

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
import bench_c
import bench_campaign
import bench_draws
import bench_peers
import bench_raid
import bench_start


class Once:
    """In place of the fixture `benchmark`: what is to be timed is done once."""

    def __init__(self) -> None:
        self.extra_info: dict[str, float] = {}
        self.stats = SimpleNamespace(stats=SimpleNamespace(min=1.0))

    def pedantic(
        self,
        timed: Callable[..., Any],
        args: tuple[Any, ...] = (),
        setup: Callable[[], tuple[tuple[Any, ...], Mapping[str, Any]] | None] | None = None,
        **_: int,
    ) -> Any:
        given = setup() if setup else None
        return timed(*(given[0] if given else args))


@pytest.mark.skipif(shutil.which("gcc") is None, reason="there is no gcc to compile the C with")
def test_the_kernel_and_its_peer_in_c_leave_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_c, works = bench_c.InC(tmp_path), dict(bench_c.works(runs=4))
    of_kernel = {name: flown.left() for name, flown in works.items()}
    monkeypatch.setattr(kernel, "fly", in_c)
    assert {name: flown.left() for name, flown in works.items()} == of_kernel


def test_the_kernel_and_plain_mesa_give_each_drone_the_same_fate(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bench_raid, "RUNS_OF_JUDGE", 5)
    bench_raid.bench_plain_mesa(Once())
    bench_raid.bench_kernel(Once())
    for law in ("simultaneous", "poisson"):
        bench_raid.bench_drones(Once(), law, 10)


def test_campaigns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    benchmark = Once()
    bench_campaign.bench_width(benchmark, monkeypatch, 2)
    assert benchmark.extra_info["share_in_kernel"] > 0.0
    monkeypatch.setattr(bench_campaign, "KEPT", 20)
    bench_campaign.bench_cores(Once(), tmp_path, 1)
    used = bench_campaign.used_by([*bench_campaign.SIM, "--help"])
    assert set(used) == {"largest_process_MB", "cpu_seconds"}


def test_campaigns_beside_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_peers, "_IN_STEP", 2)
    benchmark = Once()
    bench_peers.bench_in_step(benchmark)
    assert benchmark.extra_info["campaigns_per_second"] == 2.0
    in_step = bench_peers.outcomes(np.arange(3))
    alone = bench_peers._asked_alone(2)
    assert alone == {name: values[2] for name, values in in_step.items()}


def test_commands_and_draws() -> None:
    bench_start.bench_help(Once())
    bench_start.bench_check(Once())
    assert set(bench_draws.GENERATORS) >= {"philox4x32-10", "squares64"}  # compiling takes long
