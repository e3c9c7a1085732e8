#!/bin/bash
# The network of a container is its own, so Redis listens on all of it.
set -euo pipefail
if [ "$1" = redis-server ]; then set -- "$@" --bind 0.0.0.0 --protected-mode no --dir /data; fi
exec "$@"
