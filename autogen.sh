#!/bin/sh
# Makes ./configure. Only a checkout needs it; the released archive has it.
set -eu
cd "$(dirname "$0")"
exec autoreconf --install --force --warnings=all
