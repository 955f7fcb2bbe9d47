#!/usr/bin/env bash
# Make VCEMO-Sim shard by shard; stop it at any time and run it again to go on.
#   make_corpus.sh WORK OUT WHISPER_MODEL [FIRST_SHARD [LAST_SHARD]]
# The parts in which words and voice tell only together: python crossing.py stress data/vcemo_sim_stress, and irony.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$1 out=$2 model=$3 first=${4:-0} last=${5:-15}
mkdir -p "$work" "$out"
[ -f "$out/plan.csv" ] || python "$here/plan.py" "$here/situations" "$out/plan.csv"
for shard in $(seq "$first" "$last"); do
  [ -f "$out/$(printf 'shard-%02d.parquet' "$shard")" ] && continue
  python "$here/synthesize.py" "$out/plan.csv" "$work" --shard "$shard" --workers "${WORKERS:-2}"
  python "$here/transcribe.py" "$out/plan.csv" "$work" --shard "$shard" --model "$model" --workers "${WORKERS:-2}"
  python "$here/pack.py" "$out/plan.csv" "$work" "$out" --shard "$shard"
done
