"""The kernel beside the same event loop in C, compiled on the spot, on identical work.

Both fly the same records by the same door, so that all they leave is compared byte for byte.
"""

import ctypes
import shutil
import subprocess
from pathlib import Path
from time import process_time

import numpy as np
import pytest
from works import SPIDERWEB, Flyer, flyer

import sim
from sim.raid import arrays, kernel

SOURCE = Path(__file__).parent / "raid.c"
KINDS = {"FLIGHT": "Flight", "WEAPON": "Weapon", "UNIT": "Unit", "SITE": "Site", "ASSET": "Asset",
         "NEAR": "Near", "DRONE": "Drone", "CROSSING": "Crossing", "ENCOUNTER": "Encounter",
         "SIGHTING": "Sighting", "SHOT": "Shot", "LINEUP": "Lineup",
         "FLIGHT_RESULT": "FlightResult", "ASSET_RESULT": "AssetResult"}  # fmt: skip
NUMBERS = {"float64": "double", "int64": "int64_t", "bool": "uint8_t", "uint8": "uint8_t"}
FLAGS = ("-O3", "-march=native", "-ffp-contract=off", "-shared", "-fPIC")  # no sum is rounded once
REPEATS = 15


class InC:
    """`kernel.fly` in C. It is compiled at its first call, when the arrays' types are known."""

    def __init__(self, folder):
        self.folder, self.library = folder, None

    def __call__(self, seed, runs, day, flown, orders, defence, tally, log, room):
        assert flown.all()
        assert not log.fate.size
        tuples = (orders, defence, tally, log, room)
        if self.library is None:
            self.library = _compiled(tuples, self.folder)
        shape = (
            *(len(runs), orders.flights.shape[1], orders.weapons.shape[1], defence.units.shape[1]),
            *(*defence.assets.shape[1:], room.carrier_lost.shape[1], defence.marks.shape[1]),
        )
        shape = np.array(shape, np.int64)
        self.library.fly(
            ctypes.c_int64(seed), _pointer(runs), ctypes.c_int64(day), _pointer(shape),
            *((ctypes.c_void_p * len(group))(*map(_pointer, group)) for group in tuples),
        )  # fmt: skip


def _pointer(array):
    assert array.flags.c_contiguous
    return ctypes.c_void_p(array.ctypes.data)


def _compiled(tuples, folder):
    """The library of raid.c, with the records declared as NumPy lays them out."""
    dtypes = {getattr(arrays, name): kind for name, kind in KINDS.items()}
    lines = ["#include <stdint.h>"]
    for dtype, kind in dtypes.items():
        fields = (f"{NUMBERS[dtype[name].name]} {name};" for name in dtype.names)
        lines.append(f"typedef struct {{ {' '.join(fields)} }} {kind};")
    for group in tuples:
        named = group._asdict().items()
        fields = (f"{dtypes.get(a.dtype) or NUMBERS[a.dtype.name]} *{name};" for name, a in named)
        lines.append(f"typedef struct {{ {' '.join(fields)} }} {type(group).__name__};")
    whole, library = folder / "raid.c", folder / "raid.so"
    whole.write_text("\n".join([*lines, f'#line 1 "{SOURCE.name}"', SOURCE.read_text()]))
    subprocess.run(["gcc", *FLAGS, "-o", library, whole, "-lm"], check=True)
    return ctypes.CDLL(str(library))


def works(runs=200):
    """The made-up raid, and the raids of the article's war, in so many runs."""
    war = sim.load(SPIDERWEB)
    yield "made-up", flyer(117, 5 * runs // 2, with_log=False)
    for name in war.raids:
        yield name, Flyer(war, name, runs, with_log=False)


@pytest.mark.skipif(shutil.which("gcc") is None, reason="there is no gcc to compile the C with")
@pytest.mark.benchmark(
    group="kernel and C: 500 made-up raids, and 200 of each of the article's", timer=process_time
)
@pytest.mark.parametrize("language", ["kernel", "c"])
@pytest.mark.parametrize("work", ["made-up", "massive-assault", "spiders-web", "reprisal"])
def bench_language(benchmark, monkeypatch, tmp_path, work, language):
    """The same raids by the kernel and in C: what they leave is equal, byte for byte."""
    flown = dict(works())[work]
    in_c = InC(tmp_path)
    kernels = kernel.fly
    of_kernel = flown.left()
    monkeypatch.setattr(kernel, "fly", in_c)
    assert flown.left() == of_kernel
    monkeypatch.setattr(kernel, "fly", in_c if language == "c" else kernels)
    benchmark.pedantic(flown, rounds=REPEATS, warmup_rounds=1)
