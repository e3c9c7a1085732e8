#!/bin/sh
# The one command that makes models/default: environment, training, manifest, golden cases. evaluate.sh measures it.
# usage: training/train.sh [folder with train.jsonl.gz]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
data=${1:-${BAILIFF_TEXT_DATA:-$here/../../shared/data/text}}
venv=$here/../.cache/training-venv

[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --requirement "$here/requirements.txt"

# One thread and a fixed hash seed: the same command gives the same bytes.
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 PYTHONHASHSEED=0
"$venv/bin/python" "$here/train.py" --data "$data" --out "$here/../models/default"
