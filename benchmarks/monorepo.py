"""A repository of a hundred thousand YAML files of which two hundred are ours: what the others cost.

python benchmarks/monorepo.py [--count 100000] [--ours 200]
"""

from __future__ import annotations

import argparse
import random
import tempfile
from pathlib import Path

import make_configs
from measure import best, machine, run, table, tool

READ = """
import os, sys
for folder, _, names in os.walk(sys.argv[1]):
    for name in names:
        with open(os.path.join(folder, name), "rb") as file:
            file.read()
"""
WORDS = (
    "checkout", "setup", "node", "python", "matrix", "image", "replicas", "containers", "env", "name", "value", "port",
    "service", "host", "path", "secret", "volume", "mount", "limits", "cpu", "memory", "requests", "labels", "version",
    "cache", "key", "restore", "steps", "uses", "branches", "jobs", "build", "test", "deploy", "release", "contents",
    "timeout", "retries", "schedule", "title", "description", "type", "object", "properties", "string", "items",
)  # fmt: skip


def foreign(rng: random.Random, kind: int) -> str:
    """A workflow, a Kubernetes object, an API description or plain settings."""
    word = lambda: rng.choice(WORDS)  # noqa: E731  a short name for what is written thirty times
    if kind == 0:
        steps = "".join(f"      - uses: actions/{word()}@v{rng.randint(1, 4)}\n" for _ in range(30))
        return f"name: ci\non: [push]\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n{steps}"
    if kind == 1:
        containers = "".join(f"        - name: {word()}\n          image: example/{word()}:{i}\n" for i in range(20))
        return f"apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n{containers}"
    if kind == 2:
        paths = "".join(f"  /{word()}/{i}:\n    get: {{description: {word()} {word()}}}\n" for i in range(25))
        return f"openapi: 3.0.0\npaths:\n{paths}"
    return "".join(f"{word()}_{i}: {word()} {word()} {word()}\n" for i in range(50))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--ours", type=int, default=200)
    asked = parser.parse_args()
    planner, rng = tool("planner") or "planner", random.Random(0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for index in range(asked.count):
            path = folder / f"d{index // 500:03}" / f"f{index:06}.yaml"
            path.parent.mkdir(exist_ok=True)
            path.write_text(foreign(rng, index % 4), encoding="utf-8")
        read = best(["python3", "-c", READ, str(folder)], 2)
        lint = [planner, "lint", "--no-cache", "-j", "1", str(folder)]
        others = best(lint, 2)
        make_configs.write(folder, asked.ours)
        whole = run(lint)
    print(f"{asked.count:,} files of others, {asked.ours} configs; {machine()}\n")
    table([("walk and read them all", read), ("planner, none is ours", others), ("planner, with ours", whole)],
          "walk and read them all")  # fmt: skip
    print(
        f"\n{(others.cpu - read.cpu) / asked.count * 1e6:.1f} µs for each file that is not ours, on top of reading it"
    )


if __name__ == "__main__":
    main()
