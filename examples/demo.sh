#!/bin/sh
# The main job on the embedded sandbox, with the example of the article: nginx and php-fpm in one task behind an ALB,
# found by a second service through Cloud Map. Nothing leaves this machine. `make demo` runs it.
set -eu
cd "$(dirname "$0")/.."
spec=examples/article.yaml
XDG_STATE_HOME=$(mktemp -d)
export XDG_STATE_HOME
trap 'fargatenet sandbox stop >/dev/null 2>&1 || true; rm -rf "$XDG_STATE_HOME"' EXIT

say() { printf '\n\033[1m$ %s\033[0m\n' "$*"; }
run() { say "$@"; "$@"; }

run fargatenet validate "$spec"
run fargatenet reach-check "$spec" --planned
run fargatenet sandbox start
run fargatenet plan "$spec" --sandbox
run fargatenet up "$spec" --sandbox --yes
run fargatenet describe "$spec" --sandbox --service web
run fargatenet reach-check "$spec" --sandbox

say "fargatenet reach-check $spec --sandbox --from internet --to web:9000   # closed on purpose: why, and what would open it?"
status=0
fargatenet reach-check "$spec" --sandbox --from internet --to web:9000 || status=$?
[ "$status" = 3 ] || { echo "expected exit code 3 for a closed path, got $status"; exit 1; }

run fargatenet plan "$spec" --sandbox --check
run fargatenet down "$spec" --sandbox --yes
say "fargatenet plan $spec --sandbox   # nothing is left: everything would be made again"
fargatenet plan "$spec" --sandbox --check >/dev/null && { echo "something is left"; exit 1; }
run fargatenet sandbox stop
