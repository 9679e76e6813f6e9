"""The course of a training for TensorBoard: `tensorboard --logdir DIR` draws it.

Each group is a run of its own, a folder `group1`, `group2` ... of DIR, with a scalar for each
epoch: `loss`, what training saw, and `valid/bits`, `valid/onset` and `valid/pitch`, all in bits a
note.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from live_improv.training.train import Epoch


def log_to(folder: Path) -> Callable[[Epoch], None]:
    """A report for `train` that prints each epoch and adds it to the logs in `folder`.

    A training that goes on where it stopped goes on in the same runs.

    Raises:
        ModuleNotFoundError: TensorFlow, which writes the files, is not installed.
        OSError: nothing can be written in `folder`.
    """
    # TensorFlow need not be what the net is trained with.
    from tensorflow import constant, summary
    from tensorflow.compat.v1 import SummaryMetadata

    # What `summary.scalar` writes, which needs TensorBoard to be installed for it.
    scalars = SummaryMetadata.PluginData(plugin_name="scalars")
    metadata = SummaryMetadata(plugin_data=scalars)
    folder.mkdir(parents=True, exist_ok=True)

    def report(epoch: Epoch) -> None:
        print(epoch)
        writer = summary.create_file_writer(str(folder / f"group{epoch.group + 1}"))
        with writer.as_default(step=epoch.number):
            for name, value in (
                ("loss", epoch.loss),
                ("valid/bits", epoch.valid.total),
                ("valid/onset", epoch.valid.onset),
                ("valid/pitch", epoch.valid.pitch),
            ):
                summary.write(name, constant(value, "float32"), metadata=metadata)
        writer.close()

    return report
