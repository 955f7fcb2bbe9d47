#!/usr/bin/env bash
# Make VCEMO-Sim shard by shard; stop it at any time and run it again to go on.
#   make_corpus.sh WORK OUT WHISPER_MODEL [FIRST_SHARD [LAST_SHARD]]
# The small parts (stress, irony, knowledge, mixed): python crossing.py stress data/vcemo_sim_stress, then fill_text.py and crossing_card.py.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$1 out=$2 model=$3 first=${4:-0} last=${5:-15}
mkdir -p "$work" "$out"
[ -f "$out/plan.csv.gz" ] || python "$here/plan.py" "$here/situations" "$out/plan.csv.gz"
for shard in $(seq "$first" "$last"); do
  [ -f "$out/$(printf 'shard-%02d.parquet' "$shard")" ] && continue
  python "$here/synthesize.py" "$out/plan.csv.gz" "$work" --shard "$shard" --workers "${WORKERS:-2}"
  python "$here/transcribe.py" "$out/plan.csv.gz" "$work" --shard "$shard" --model "$model" --workers "${WORKERS:-2}"
  python "$here/pack.py" "$out/plan.csv.gz" "$work" "$out" --shard "$shard"
done
