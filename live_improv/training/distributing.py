"""Training on several processors, of one machine or of many: Keras' own data parallelism.

Every device has the whole net and a share of the lanes; the gradients are added up, so the result
is that of one device but for rounding. Keras does this on its JAX backend only.

Conventions
    A process is one run of this program; a machine has one or more. How processes find each other
    is told to each by Keras' own variables: `KERAS_DISTRIBUTION_JOB_ADDRESSES`
    (`host:port` of the first), `KERAS_DISTRIBUTION_NUM_PROCESSES` and
    `KERAS_DISTRIBUTION_PROCESS_ID`. Without the first there is one process. All of them read the
    same corpora, draw the same order and keep the same weights.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import keras

from live_improv.training.network import Batch

_ADDRESSES = "KERAS_DISTRIBUTION_JOB_ADDRESSES"


class DistributionError(ValueError):
    """The lanes cannot be shared by the devices there are, or by this backend."""


@contextmanager
def every_device(lanes: int) -> Iterator[int]:
    """Networks that are built inside are trained on all devices of all processes, so many.

    Raises:
        DistributionError: Keras runs on another backend than JAX, or `lanes` are not a multiple
            of the number of devices.
    """
    backend = keras.backend.backend()
    if backend != "jax":
        raise DistributionError(
            f"Keras runs on {backend}, which cannot share the work: expected KERAS_BACKEND=jax"
        )
    if os.environ.get(_ADDRESSES):
        keras.distribution.initialize()
    # What each process is given is its own share already, see `own_lanes`.
    shared = keras.distribution.DataParallel(auto_shard_dataset=False)
    devices = int(shared.num_model_replicas)
    if lanes % devices:
        fitting = ", ".join(str(n) for n in range(1, lanes + 1) if lanes % n == 0)
        raise DistributionError(
            f"{lanes} lanes for {devices} devices: expected one of {fitting} devices"
        )
    with shared.scope():
        yield devices


def own_lanes(batch: Batch) -> Batch:
    """Of a batch of all lanes those of this process: all of them where there is one process."""
    if keras.distribution.distribution() is None:
        return batch
    import jax

    index, processes = jax.process_index(), jax.process_count()

    def own(lanes: int) -> slice:
        return slice(index * lanes // processes, (index + 1) * lanes // processes)

    inputs, targets, weights = (
        {name: array[own(len(array))] for name, array in arrays.items()} for arrays in batch
    )
    return inputs, targets, weights
