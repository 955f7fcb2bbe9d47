r"""`accelerate launch … -m vcemo_lib.cli train …`: of the processes that train one model the first speaks for all.

One process takes a GPU where there is one. Four with a GPU each make the same model sooner:

    .venv/bin/accelerate launch --multi_gpu --num_processes 4 -m vcemo_lib.cli train models/mine --profile paper

`--multi_gpu` means several processes, also where there is no GPU. They share every batch, so that `batch_size` must be
a multiple of their number (`models/processes.py`). Features and simple classifiers are made once on a machine, by one
process while the others wait. Another number of processes may go on from a checkpoint.

On several machines each starts its share: M is its number, from 0 on, FIRST the name of machine 0, which writes the
model, and `--num_processes` counts those of all machines; each keeps a feature cache of its own:

    .venv/bin/accelerate launch --multi_gpu --num_machines 2 --machine_rank M --num_processes 8 \
      --main_process_ip FIRST --main_process_port 29500 -m vcemo_lib.cli train models/mine --profile paper

With SLURM, `sbatch` of this file:

    #!/bin/bash
    #SBATCH --nodes=2 --ntasks-per-node=1 --gpus-per-node=4 --cpus-per-task=16 --time=02:00:00
    export FIRST=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)
    srun bash -c '.venv/bin/accelerate launch --multi_gpu --num_machines $SLURM_NNODES \
      --machine_rank $SLURM_NODEID --num_processes $((4 * SLURM_NNODES)) --main_process_ip $FIRST \
      --main_process_port 29500 -m vcemo_lib.cli train models/mine --profile paper'
"""

import io
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout

from ..config import ConfigError

PATIENCE = 15  # seconds, in which the first has said what ends them all, and the launcher has ended this one


def number(name: str, otherwise: int) -> int:
    """RANK, this process' number, or WORLD_SIZE, how many there are, as launchers give them."""
    value = os.environ.get(name, "")
    return int(value) if value.isdecimal() else otherwise


def require_training(command: str | None) -> None:
    """Raise ConfigError for a command that several processes would do several times."""
    if (count := number("WORLD_SIZE", 1)) > 1 and command != "train":
        raise ConfigError(
            f"{count} processes were launched for 'vcemo {command}', and they can only train one model together: give "
            "'train', or start the command without a launcher"
        )


@contextmanager
def first_speaks() -> Iterator[None]:
    """Keep what another process than the first would print; an error that it alone has is told after all."""
    if not number("RANK", 0):
        yield
        return
    with (
        open(os.devnull, "w", encoding="utf-8") as nowhere,
        redirect_stdout(nowhere),
        redirect_stderr(io.StringIO()) as said,
    ):
        try:
            yield
        except BaseException as end:
            if not (isinstance(end, SystemExit) and not end.code):
                time.sleep(PATIENCE)
                sys.__stderr__.write(said.getvalue())
            raise
