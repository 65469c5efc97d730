#!/usr/bin/env bash
# Check an installed planner, away from the checkout: the examples give the findings that they are named for.
set -euo pipefail
planner=$1
examples=$(cd "$(dirname "$0")/../examples" && pwd)
cd "$(mktemp -d)"
cp -r "$examples" examples

expect() { # expect STATUS PATTERN FILE: exit status and a pattern in the concise output ("-": no finding at all)
  local status=0 output
  output=$("$planner" lint --no-summary --format concise "examples/$3") || status=$?
  if [ "$status" != "$1" ] || { [ "$2" = - ] && [ -n "$output" ]; } || { [ "$2" != - ] && ! grep -q "$2" <<<"$output"; }; then
    printf 'examples/%s: status %s, expected %s with %s:\n%s\n' "$3" "$status" "$1" "$2" "$output"
    exit 1
  fi
}
expect 1 FIT001 llama-2-70b-on-one-a100.yaml
expect 0 - llama-2-70b-on-four-a100.yaml
expect 0 - llama-3.1-8b-long-context.yaml
expect 0 TOK001 gopher.yaml
expect 0 - chinchilla.yaml
expect 0 - llama-3-8b-on-15t.yaml
expect 0 - lora-llama-3.1-8b.yaml
expect 0 - split/deployments.yaml
"$planner" plan examples/chinchilla.yaml | grep -q '1.4T'
"$planner" schema config | grep -q 'json-schema.org/draft/2020-12'
echo "the wheel works"
