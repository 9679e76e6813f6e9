"""How a net is trained."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """How a net is trained; all of it is repeated in the model's card.

    Attributes:
        groups: nets that are taught apart, with seeds one after the other, and joined into one.
        units, pitch_units, time_units: the sizes of the layers of each.
        lanes, length: solos side by side, and notes a chunk.
        epochs: at most; the learning rate falls along a cosine over all of them.
        patience: epochs without a better figure on `valid` after which training stops.
        dropout, input_dropout: of the hidden layers and of the rows that describe a moment.
        recurrent_dropout: of the state on its way to the next step, the same over a chunk.
        straight: how many of the solos are seen with swung pairs written even.
        sounding_weight: how much the heads that only say where a note ends count.
        told: how many of the solos are said to be in one of their manners.
    """

    groups: int = 2
    units: int = 384
    pitch_units: int = 192
    time_units: int = 128
    lanes: int = 32
    length: int = 32
    epochs: int = 14
    patience: int = 4
    learning_rate: float = 2e-3
    weight_decay: float = 0.05
    dropout: float = 0.35
    input_dropout: float = 0.05
    recurrent_dropout: float = 0.15
    average: float = 0.998
    straight: float = 0.5
    sounding_weight: float = 0.3
    told: float = 0.5
    seed: int = 0
