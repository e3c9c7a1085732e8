#!/bin/sh
# The one command that measures models/default: every figure of the card and of docs/classification.md. Ten minutes
# of two cores.
# usage: training/evaluate.sh [folder with train.jsonl.gz and public_eval.jsonl.gz]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
data=${1:-${BAILIFF_TEXT_DATA:-$here/../../shared/data/text}}
venv=$here/../.cache/training-venv
bundle=$here/../models/default
out=$here/../.cache/evaluation

[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --requirement "$here/requirements.txt"
mkdir -p "$out"

# The Node of the development dependencies, where they are: an older one runs no TypeScript.
export PATH="$here/../node_modules/.bin:$PATH"
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 PYTHONHASHSEED=0
"$venv/bin/python" "$here/own/near.py" --data "$data" --check
"$venv/bin/python" "$here/evaluate.py" --data "$data" --bundle "$bundle"
"$venv/bin/python" "$here/holdouts.py" --data "$data" --out "$out/holdouts.json"
node "$here/../bench/main.ts" robustness "$data/public_eval.jsonl.gz" "$out/robustness.json"
"$venv/bin/python" "$here/report.py" --bundle "$bundle" --holdouts "$out/holdouts.json" \
  --robustness "$out/robustness.json" --docs "$here/../docs/classification.md"
