"""CPU time of the first look-up in a fresh process, as a ratio to `import json` in the same run.

    python benchmarks/catalogue.py [--runs 20]

Prints medians in milliseconds, imports of the catalogue's own modules included; asserts nothing.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys

CALLS = {
    "import json": "import json",
    "import the catalogue": "from planner.catalog import accelerators, models",
    "a model by its id": "from planner.catalog import models; models.find('Qwen/Qwen3-30B-A3B')",
    "a quantized re-upload": "from planner.catalog import models; models.find('TheBloke/Llama-2-70B-Chat-AWQ')",
    "no model": "from planner.catalog import models; models.find('our-team/secret-7b')",
    "an accelerator": "from planner.catalog import accelerators; accelerators.find('A100-80GB')",
}
PROBE = "import time; start = time.process_time(); {}; print(time.process_time() - start)"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20)
    runs = parser.parse_args().runs
    times: dict[str, list[float]] = {name: [] for name in CALLS}
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    for _ in range(runs + 1):
        for name, call in CALLS.items():
            command = [sys.executable, "-c", PROBE.format(call)]
            done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
            times[name].append(float(done.stdout))
    floor = statistics.median(times["import json"][1:])
    print(f"CPU ms, median of {runs}; load {os.getloadavg()[0]:.1f}, Python {sys.version.split()[0]}\n")
    for name, measured in times.items():
        median = statistics.median(measured[1:])
        print(f"{name:28} {1000 * median:6.2f}  {median / floor:5.2f} ×")


if __name__ == "__main__":
    main()
