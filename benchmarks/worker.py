"""One run of one tool in a process of its own: `python -m benchmarks.worker JOB.json`.

The job names the tool, the file of the labels, the axis, the conductivities, and the file for the
answer. A first call
on a small volume imports, compiles and starts threads; the second is measured. The process may take
the memory that is free and no more, so that a tool which needs more fails alone.
"""

from __future__ import annotations

import json
import resource
import sys
import warnings
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.measure import measured
from benchmarks.tools import TOOLS, Conductivities
from benchmarks.volumes import Image, one_blobs
from twin.memory import bytes_free

#: Edge of the small volume [voxels], open enough to join its faces, and large enough that each
#: kernel runs once: small levels have kernels of their own.
_SMALL: Final = 64
_OPEN: Final = 0.7

#: Part of the free memory that a run may take.
_SHARE: Final = 0.95


def run(tool_name: str, labels: Path, axis: int, conductivities: Conductivities) -> dict[str, Any]:
    """Warm up, measure one call, and say what came out."""
    tool = TOOLS[tool_name]
    small = tool.prepare(warm_up(len(conductivities)), axis, conductivities)
    first = measured(lambda: tool.call(small))
    problem = tool.prepare(np.load(labels), axis, conductivities)
    second = measured(lambda: tool.call(problem))
    return {
        **tool.numbers(second.value),
        "seconds": second.seconds,
        "seconds_of_first_call": first.seconds,
        "peak_bytes": second.peak_bytes,
        "process_bytes": second.process_bytes,
    }


def warm_up(labels: int) -> Image:
    """A small volume in which all labels occur: 1 and the others in turns of layers."""
    image = one_blobs(_SMALL, _OPEN)
    for label in range(2, labels):
        layers = image[label::labels]
        layers[layers == 1] = label
    return image


def main() -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (int(_SHARE * bytes_free()), resource.RLIM_INFINITY))
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    warnings.simplefilter("ignore")  # those of peers are theirs, and none changes a number
    answer = run(job["tool"], Path(job["labels"]), job["axis"], tuple(job["conductivities"]))
    Path(job["answer"]).write_text(json.dumps(answer), encoding="utf-8")


if __name__ == "__main__":
    main()
