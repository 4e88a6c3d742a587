"""How benchmarks tell what they measured: a line for people, or with --json one object."""

import json
import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path


def machine() -> str:
    """Processor, cores and Python of this machine."""
    model = "unknown processor"
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text(encoding="utf-8").splitlines()
        names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
        model = f"{len(names)} x {names[0]}" if names else model
    return f"{model}, Python {platform.python_version()}"


def seconds(work: Callable[[], object], times: int) -> list[float]:
    """How long each of `times` calls took, shortest first."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return sorted(taken)


def tell(what: str, budget: str, measured: list[float], unit: str, scale: float = 1.0) -> None:
    """One measurement: best and median of its runs, beside the budget."""
    best, median = scale * measured[0], scale * statistics.median(measured)
    said = {
        "what": what,
        "budget": budget,
        "best": round(best, 4),
        "median": round(median, 4),
        "unit": unit,
        "runs": len(measured),
        "machine": machine(),
    }
    if "--json" in sys.argv:
        print(json.dumps(said))
    else:
        figures = f"best {best:.4g}, median {median:.4g} {unit} of {len(measured)}"
        print(f"{what}: {figures} (budget {budget}); {machine()}")
