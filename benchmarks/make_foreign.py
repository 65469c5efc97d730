"""YAML and JSON of other people, as a large repository holds it: what a linter of configs has to look past.

python benchmarks/make_foreign.py FOLDER [--count 1000] [--seed 0]
"""

from __future__ import annotations

import argparse
import random
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

NAMES = (
    "billing", "checkout", "gateway", "identity", "inventory", "ledger", "mailer", "notifier", "orders", "payments",
    "pricing", "profile", "reporting", "scheduler", "search", "session", "shipping", "storefront", "tracking",
)  # fmt: skip
IMAGES = ("nginx", "redis", "postgres", "node", "python", "golang", "eclipse-temurin", "busybox", "envoyproxy/envoy")
ACTIONS = (
    "actions/checkout@v4", "actions/setup-node@v4", "actions/cache@v4", "docker/build-push-action@v6",
    "actions/upload-artifact@v4", "docker/login-action@v3", "codecov/codecov-action@v4", "azure/setup-helm@v4",
)  # fmt: skip
COMMANDS = (
    "npm ci",
    "npm test -- --coverage",
    "make lint",
    "go test ./...",
    "./gradlew build",
    "pytest -q",
    "make push",
)
KEYS = (
    "enabled", "timeout", "retries", "log_level", "max_connections", "base_url", "region", "bucket", "queue", "cron",
    "feature_flags", "cache_ttl", "pool_size", "endpoint", "user_agent", "owner", "description", "threshold",
)  # fmt: skip
FIELDS = (
    "id",
    "status",
    "created_at",
    "amount",
    "currency",
    "email",
    "address",
    "items",
    "total",
    "reference",
    "notes",
)
WORDS = (
    "the", "order", "is", "shown", "when", "a", "customer", "has", "not", "been", "charged", "for", "delivery", "with",
    "all", "items", "that", "were", "returned", "to", "this", "store", "and", "their", "current", "balance",
)  # fmt: skip
Choose = random.Random


def manifest(rng: Choose) -> str:
    """A Kubernetes Deployment with its Service, as teams keep them."""
    name, port = rng.choice(NAMES), rng.randint(3000, 9000)
    variables = "".join(
        f"            - name: {key.upper()}\n              valueFrom:\n                configMapKeyRef:\n"
        f"                  name: {name}\n                  key: {key}\n"
        for key in rng.sample(KEYS, rng.randint(1, 9))
    )
    spread = rng.random() < 0.1
    return f"""\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
  namespace: {rng.choice(NAMES)}
  labels:
    app.kubernetes.io/name: {name}
    app.kubernetes.io/part-of: shop
spec:
  replicas: {rng.randint(1, 6)}
  selector:
    matchLabels:
      app.kubernetes.io/name: {name}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: {name}
      annotations:
        prometheus.io/scrape: "true"
        prometheus.io/port: "{port}"
    spec:
      serviceAccountName: {name}
{"      topologySpreadConstraints: []" if spread else "      automountServiceAccountToken: false"}
      containers:
        - name: {name}
          image: registry.example.invalid/shop/{name}:{rng.randint(1, 9)}.{rng.randint(0, 40)}.{rng.randint(0, 9)}
          imagePullPolicy: IfNotPresent
          ports:
            - name: http
              containerPort: {port}
          env:
{variables}          readinessProbe:
            httpGet: {{path: /healthz, port: http}}
            periodSeconds: {rng.randint(5, 30)}
          resources:
            requests: {{cpu: {rng.randint(1, 8)}00m, memory: {rng.randint(1, 8)}00Mi}}
            limits: {{memory: {rng.randint(1, 8)}Gi}}
---
apiVersion: v1
kind: Service
metadata:
  name: {name}
spec:
  selector:
    app.kubernetes.io/name: {name}
  ports:
    - {{name: http, port: 80, targetPort: http}}
"""


def workflow(rng: Choose) -> str:
    """A workflow of GitHub."""
    jobs = "".join(
        f"  {name}:\n    runs-on: ubuntu-latest\n    timeout-minutes: {rng.randint(5, 40)}\n    steps:\n"
        + "".join(f"      - uses: {action}\n" for action in rng.sample(ACTIONS, rng.randint(1, 4)))
        + "".join(f"      - name: {step}\n        run: {step}\n" for step in rng.sample(COMMANDS, rng.randint(1, 5)))
        for name in rng.sample(NAMES, rng.randint(1, 4))
    )
    parallel = "    max-parallel: 2\n" if rng.random() < 0.05 else ""
    return f"name: {rng.choice(NAMES)}\non:\n  push:\n    branches: [main]\n  pull_request:\njobs:\n{jobs}{parallel}"


def values(rng: Choose) -> str:
    """Values of a chart."""
    name = rng.choice(NAMES)
    extra = "".join(f"  {key}: {rng.choice(WORDS)}\n" for key in rng.sample(KEYS, rng.randint(3, 15)))
    policy = "networkPolicy:\n  enabled: true\n  # see the policy of the platform\n" if rng.random() < 0.1 else ""
    return (
        f"# Values of the chart {name}\nreplicaCount: {rng.randint(1, 5)}\nimage:\n  repository: shop/{name}\n"
        f"  pullPolicy: IfNotPresent\n  tag: {rng.randint(1, 99)}\nservice:\n  type: ClusterIP\n  port: 80\n"
        f"ingress:\n  enabled: true\n  hosts:\n    - host: {name}.example.invalid\n{policy}config:\n{extra}"
        "nodeSelector: {}\ntolerations: []\naffinity: {}\n"
    )


def compose(rng: Choose) -> str:
    """A compose file."""
    services = "".join(
        f"  {name}:\n    image: {rng.choice(IMAGES)}:{rng.randint(1, 20)}\n    restart: unless-stopped\n"
        f"    ports: ['{rng.randint(3000, 9000)}:80']\n    environment:\n      LOG_LEVEL: info\n"
        f"    volumes:\n      - ./{name}:/var/lib/{name}\n"
        for name in rng.sample(NAMES, rng.randint(2, 6))
    )
    return f"services:\n{services}volumes:\n  data: {{}}\n"


def playbook(rng: Choose) -> str:
    """A playbook of Ansible."""
    tasks = "".join(
        f"    - name: Install {name}\n      ansible.builtin.package:\n        name: {name}\n        state: present\n"
        f"      when: ansible_facts['os_family'] == 'Debian'\n      notify: restart {name}\n"
        for name in rng.sample(NAMES, rng.randint(2, 10))
    )
    return f"- name: Set up {rng.choice(NAMES)}\n  hosts: all\n  become: true\n  tasks:\n{tasks}"


def interface(rng: Choose) -> str:
    """An OpenAPI description."""
    paths = "".join(
        f"  /{name}/{{id}}:\n    get:\n      summary: {_sentence(rng, 6)}\n      operationId: get_{name}\n"
        "      parameters:\n        - {name: id, in: path, required: true, schema: {type: string}}\n"
        f"      responses:\n        '200':\n          description: {_sentence(rng, 9)}\n          content:\n"
        f"            application/json:\n              schema: {{$ref: '#/components/schemas/{name}'}}\n"
        for name in rng.sample(NAMES, rng.randint(2, 12))
    )
    fields = "".join(f"        {field}: {{type: string, description: {_sentence(rng, 8)}}}\n" for field in FIELDS)
    return (
        f"openapi: 3.0.3\ninfo: {{title: shop, version: '1'}}\npaths:\n{paths}"
        f"components:\n  schemas:\n    order:\n      properties:\n{fields}"
    )


def settings(rng: Choose) -> str:
    """Settings of a service for one region."""
    sections = rng.sample(NAMES, rng.randint(1, 6))
    return "".join(
        f"{name}:\n" + "".join(f"  {key}: {rng.randint(0, 999)}\n" for key in rng.sample(KEYS, 6)) for name in sections
    )


def messages(rng: Choose) -> str:
    """The texts of a page in one language."""
    return "en:\n" + "".join(
        f"  {rng.choice(NAMES)}_{index}: {_sentence(rng, 9)}\n" for index in range(rng.randint(5, 80))
    )


def package(rng: Choose) -> str:
    """A package.json."""
    needed = ",\n".join(
        f'    "@shop/{name}": "^{rng.randint(0, 9)}.{rng.randint(0, 30)}.0"' for name in rng.sample(NAMES, 8)
    )
    return (
        f'{{\n  "name": "@shop/{rng.choice(NAMES)}",\n  "private": true,\n'
        f'  "scripts": {{"build": "tsc -p ."}},\n  "dependencies": {{\n{needed}\n  }}\n}}\n'
    )


def lock(rng: Choose) -> str:
    """A lock file of pnpm: long, and mostly digests."""
    return "lockfileVersion: '9.0'\npackages:\n" + "".join(
        f"  '@shop/{rng.choice(NAMES)}@{rng.randint(0, 9)}.{rng.randint(0, 30)}.{rng.randint(0, 9)}':\n"
        f"    resolution: {{integrity: sha512-{b64encode(rng.randbytes(64)).decode()}}}\n"
        "    engines: {node: '>=18'}\n"
        for _ in range(rng.randint(100, 800))
    )


KINDS: tuple[tuple[Callable[[Choose], str], int], ...] = (
    (manifest, 300), (workflow, 120), (values, 120), (compose, 50), (playbook, 100), (interface, 60), (settings, 120),
    (messages, 50), (package, 78), (lock, 2),
)  # fmt: skip
"""How many of a thousand files are of each."""


def _sentence(rng: Choose, words: int) -> str:
    return " ".join(rng.choices(WORDS, k=words))


def write(folder: Path, count: int, seed: int = 0) -> int:
    """`count` files in `folder`, five hundred to a folder below it; the same for the same seed. Returns their bytes."""
    rng, size = random.Random(seed), 0
    kinds, weights = zip(*KINDS, strict=True)
    for index, kind in enumerate(rng.choices(kinds, weights, k=count)):
        ending = "json" if kind is package else "yaml"
        path = folder / f"d{index // 500:03}" / f"{kind.__name__}-{index:06}.{ending}"
        path.parent.mkdir(parents=True, exist_ok=True)
        size += path.write_text(kind(rng), encoding="utf-8")
    return size


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    write(asked.folder, asked.count, asked.seed)
