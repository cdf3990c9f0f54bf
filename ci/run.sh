#!/usr/bin/env bash
# Runs `kg validate` or `kg check` as the KG_… variables say, and ends with its exit code:
# 0 nothing found, 1 findings, 2 wrong inputs, 3 could not run. Values are never read as shell text, nor as options.
set -euo pipefail

command=${KG_COMMAND:-validate}
if [ "$command" != validate ] && [ "$command" != check ]; then
    echo "kg: command: no such command; got '${command//$'\n'/ }', expected validate or check" >&2
    exit 2
fi

# Appends each line of $1 that is not empty to the array `lines`.
split() {
    lines=()
    local line
    while IFS= read -r line || [ -n "$line" ]; do
        line=${line%$'\r'}
        if [ -n "$line" ]; then lines+=("$line"); fi
    done <<<"$1"
}

options=()
# Appends the option $1 with each line of $2.
add() {
    split "$2"
    local value
    for value in ${lines[@]+"${lines[@]}"}; do options+=("$1=$value"); done
}
add --fail-on "${KG_FAIL_ON:-}"
add --only "${KG_ONLY:-}"
add --baseline "${KG_BASELINE:-}"
add --endpoint "${KG_ENDPOINT:-}"
add --graph "${KG_GRAPH:-}"
split "${KG_ARGS:-}"
options+=(${lines[@]+"${lines[@]}"})
split "${KG_PATHS:-}"
paths=(${lines[@]+"${lines[@]}"})

# Runs kg with the format and the further options given.
run() {
    local format=$1
    shift
    kg "$command" ${options[@]+"${options[@]}"} --format="$format" "$@" -- ${paths[@]+"${paths[@]}"}
}

format=${KG_FORMAT:-github}
format=${format%%$'\n'*}
# Only annotations are commands to GitHub; in other formats it must take no text of a record for one.
# https://docs.github.com/actions/reference/workflow-commands-for-github-actions#stopping-and-starting-workflow-commands
token=
if [ "${GITHUB_ACTIONS:-}" = true ] && [ "$format" != github ]; then
    token=kg-$RANDOM$RANDOM$RANDOM
    echo "::stop-commands::$token"
fi
code=0
run "$format" || code=$?
if [ -n "$token" ]; then echo "::$token::"; fi

# A run that could not be done has nothing to sum up. GitHub refuses summaries of more than 1 MiB.
if [ -n "${GITHUB_STEP_SUMMARY:-}" ] && [ "${KG_SUMMARY:-true}" = true ] && [ "$code" -le 1 ]; then
    summary=$(mktemp)
    trap 'rm -f "$summary"' EXIT
    # It finds what the first run found, and says it again on stderr. The arguments may name a file for the report of the
    # first: of two the last counts.
    run markdown --output="$summary" 2>/dev/null || true
    head -c 1000000 "$summary" >>"$GITHUB_STEP_SUMMARY"
fi
if [ -n "${GITHUB_OUTPUT:-}" ]; then echo "exit-code=$code" >>"$GITHUB_OUTPUT"; fi
exit "$code"
