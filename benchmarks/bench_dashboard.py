"""The dashboard before a class: what 24 readers wait for who all ask at once.

The readers are threads of one process that speak Solara's protocol (`readers`), so that two cores
are the server's: what they take themselves is told too. What a browser adds, on a machine of its
own, is not in these figures.
"""

import os
import resource
import statistics
import subprocess
import sys
import threading

import pytest
from readers import Reader
from works import ROOT

READERS = 24
MOVED = "weapons.fpv.p_hit"
TICKS = os.sysconf("SC_CLK_TCK")


@pytest.fixture(scope="module")
def server():
    """A dashboard of `spiderweb`, and its link, once its first answer is there."""
    words = [sys.executable, "-m", "sim.cli", "dashboard", "spiderweb", "--no-open"]
    process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    process.link = process.stdout.readline().strip()
    assert process.link, "another dashboard took the port"
    first = Reader(process.link)
    first.open()
    first.close()
    yield process
    process.terminate()
    process.wait(30)
    process.stdout.close()


def cpu_s(pid):
    """Processor time of a process so far."""
    with open(f"/proc/{pid}/stat") as file:
        user, system = file.read().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / TICKS


def all_at_once(benchmark, server, word, ask):
    """Have every reader ask, and note what they waited for and what it took a reader."""

    def taken():
        children = subprocess.run(
            ["pgrep", "-P", str(server.pid)], capture_output=True, text=True, check=True
        ).stdout.split()
        own = resource.getrusage(resource.RUSAGE_SELF)
        return cpu_s(server.pid), sum(map(cpu_s, children)), own.ru_utime + own.ru_stime

    waits = [None] * READERS

    def one(number):
        waits[number] = ask(number)

    before = taken()
    threads = [threading.Thread(target=one, args=(number,)) for number in range(READERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    costs = [(now - then) / READERS for now, then in zip(taken(), before, strict=True)]
    *_, first, whole = zip(*waits, strict=True)
    info = benchmark.extra_info
    info[f"{word},_first_numbers,_median_s"] = statistics.median(first)
    info[f"{word},_first_numbers,_worst_s"] = max(first)
    info[f"{word},_all_wars,_median_s"] = statistics.median(whole)
    for who, cost in zip(("server", "workers", "readers"), costs, strict=True):
        info[f"{word},_processor_time_of_{who}_a_reader_s"] = cost


@pytest.mark.benchmark(group="dashboard")
def bench_class(benchmark, server):
    """All open the page, each moves a figure its own way, all move it the same way."""
    readers = [Reader(server.link) for _ in range(READERS)]

    def own(number):
        return readers[number].change(MOVED, f"{0.3 + 0.2 * number / READERS:.4f}")

    def play():
        all_at_once(benchmark, server, "opening", lambda number: readers[number].open())
        all_at_once(benchmark, server, "own change", own)
        all_at_once(
            benchmark, server, "same change", lambda number: readers[number].change(MOVED, "0.55")
        )

    benchmark.pedantic(play, rounds=1)
    for reader in readers:
        reader.close()
