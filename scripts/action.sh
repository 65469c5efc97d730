#!/usr/bin/env bash
# The step of action.yml: install this checkout, lint, and leave annotations, a job summary and SARIF.
# Inputs come by INPUT_* and are split as a shell splits words; nothing of them is evaluated.
# PLANNER names a planner that is installed already, as the tests do.
set -euo pipefail
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
scratch=$(mktemp -d "${RUNNER_TEMP:-/tmp}/planner.XXXXXX")
python=$(command -v python3 || command -v python)

install() {
  "$python" -m venv "$scratch/venv"
  local bin=$scratch/venv/bin
  [ -d "$bin" ] || bin=$scratch/venv/Scripts # Windows
  "$bin/python" -m pip install -q --disable-pip-version-check "$project"
  PLANNER=$bin/planner
}

words=()
split() { # split TEXT: its words, into `words`
  words=()
  local word
  "$python" -c 'import shlex, sys; [sys.stdout.write(f"{word}\0") for word in shlex.split(sys.argv[1])]' "$1" >"$scratch/words"
  while IFS= read -r -d '' word; do words+=("$word"); done <"$scratch/words"
}

[ -n "${PLANNER:-}" ] || install
sarif=$scratch/planner.sarif
command=("$PLANNER" lint --format sarif --output "$sarif" --format markdown --output "$scratch/summary.md"
  --format text --output "$scratch/report.txt" --format github)
[ -z "${INPUT_FAIL_ON:-}" ] || command+=(--fail-on "$INPUT_FAIL_ON")
[ -z "${INPUT_HARDWARE:-}" ] || command+=(--hardware "$INPUT_HARDWARE")
[ -z "${INPUT_BASELINE:-}" ] || command+=(--baseline "$INPUT_BASELINE")
split "${INPUT_ARGS:-}"
command+=(${words[@]+"${words[@]}"})
split "${INPUT_PATHS:-.}"
command+=(-- ${words[@]+"${words[@]}"})

status=0
"${command[@]}" || status=$?
[ ! -f "$scratch/report.txt" ] || cat "$scratch/report.txt"
if [ -n "${GITHUB_STEP_SUMMARY:-}" ] && [ -f "$scratch/summary.md" ]; then
  head -c 1000000 "$scratch/summary.md" >>"$GITHUB_STEP_SUMMARY" # GitHub takes 1 MiB
fi
if [ -n "${GITHUB_OUTPUT:-}" ]; then
  echo "status=$status" >>"$GITHUB_OUTPUT"
  [ ! -f "$sarif" ] || echo "sarif=$sarif" >>"$GITHUB_OUTPUT"
fi
exit "$status"
