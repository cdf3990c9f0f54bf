#!/usr/bin/env bash
# Installs trialgraph: the release that KG_VERSION names, or the code that this script stands beside.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
version=${KG_VERSION:-}
if [ -z "$version" ]; then
    what=$here
elif [[ $version =~ ^[0-9]+(\.[0-9]+)*((a|b|rc)[0-9]+)?(\.(post|dev)[0-9]+)?$ ]]; then
    what="trialgraph==$version"
else
    echo "kg: version: not a release; got '${version//$'\n'/ }', expected a number like 1.2.0" >&2
    exit 2
fi
python -m pip install --quiet --disable-pip-version-check "$what"
