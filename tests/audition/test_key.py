"""The key: it says what was put in, tells nothing at a glance, and cannot be changed unseen."""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import replace
from pathlib import Path

import pytest

from live_improv.audition.key import (
    KEY_NAME,
    AuditionError,
    By,
    Key,
    Truth,
    read_key,
    seal_of,
    sealed,
)

KEY = Key(
    {
        "01": Truth(By.OURS, 0, "desmond-1", "Take Six", "Paul Desmond", 8),
        "02": Truth(By.HUMAN, 0, "desmond-1", "Take Six", "Paul Desmond", 8),
    },
    seed=1234567,
    model="default",
)


def test_the_key_says_what_was_put_in(tmp_path: Path) -> None:
    content = sealed(KEY)
    (tmp_path / KEY_NAME).write_bytes(content)
    assert read_key(tmp_path) == (KEY, seal_of(content))


def test_a_glance_at_it_tells_nothing() -> None:
    content = sealed(KEY).decode()
    for told in ("01", "human", "machine", "Desmond", "1234567"):
        assert told not in content
    assert "do not open" in content


def test_another_truth_has_another_seal() -> None:
    excerpts = {**KEY.excerpts, "01": replace(KEY.excerpts["01"], by=By.HUMAN)}
    others = [replace(KEY, excerpts=excerpts), replace(KEY, seed=1234568)]
    seals = {seal_of(sealed(each)) for each in (KEY, *others)}
    assert len(seals) == 3
    assert all(len(seal) == 64 for seal in seals)


def packed(said: object) -> str:
    data = base64.b64encode(zlib.compress(json.dumps(said).encode())).decode()
    return json.dumps({"sealed": data})


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"sealed": 3}',
        '{"sealed": "!!"}',
        '{"sealed": "AAAA"}',
        packed([]),
        packed({"seed": 1, "model": "x"}),
        packed({"seed": 1, "model": "x", "excerpts": {"01": {"by": "a horse"}}}),
        packed({"seed": 1, "model": "x", "excerpts": {"01": {"by": "human"}}}),
        packed({"seed": 1, "model": "x", "excerpts": [1]}),
        packed({"seed": "x", "model": "x", "excerpts": {}}),
        packed("x" * (1 << 22)),  # unpacked, too large
    ],
)
def test_what_is_no_key_is_refused_in_one_line(tmp_path: Path, content: str) -> None:
    (tmp_path / KEY_NAME).write_text(content)
    with pytest.raises(AuditionError, match="not the key of an audition") as error:
        read_key(tmp_path)
    assert "\n" not in str(error.value)


def test_a_folder_without_a_key_is_no_audition(tmp_path: Path) -> None:
    with pytest.raises(AuditionError, match="is no audition"):
        read_key(tmp_path)
    with pytest.raises(AuditionError, match="is no audition"):
        read_key(tmp_path / "nowhere")
