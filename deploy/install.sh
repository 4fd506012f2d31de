#!/bin/sh
# Install kbchat from this folder, without the internet:  sh install.sh [TARGET]   (default /opt/kbchat)
# Files are checked against SHA256SUMS first. PYTHON names the interpreter (default python3).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
target=${1:-/opt/kbchat}
python=${PYTHON:-python3}

echo "Checking the files ..."
(cd "$here" && sha256sum --check --quiet SHA256SUMS) || {
    echo "The files differ from SHA256SUMS: copy the bundle again. Nothing was installed." >&2
    exit 1
}
tag=$("$python" -c 'import sys; print(f"py{sys.version_info[0]}{sys.version_info[1]}")')
case $here in
*"$tag"*) ;;
*) echo "Note: this bundle was made for another Python than $("$python" -V 2>&1) ($tag); installing may fail." >&2 ;;
esac
"$python" -m venv "$target" || {
    echo "The virtual environment could not be made. On Debian and Ubuntu: apt-get install python3-venv" >&2
    exit 1
}
"$target/bin/python" -m pip --disable-pip-version-check install --quiet --no-index --find-links "$here/wheels" \
    --constraint "$here/constraints.txt" kbchat
"$target/bin/kbchat" --version
cat <<TOLD

Installed in $target. Try it:
  $target/bin/kbchat demo "$here/sample_kb" --data-dir /tmp/kbchat-demo
  $target/bin/kbchat doctor --offline
Then docs/operations.md (Chinese: docs/operations.zh.md) tells how to run it as a service.
TOLD
