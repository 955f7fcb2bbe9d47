"""Channels are joined so that none silences another, in the memory of one."""

import io
import tracemalloc

import numpy as np
import pytest
import soundfile

from vcemo_lib.audio.channels import another_beside
from vcemo_lib.audio.decoding import AudioError, samples
from vcemo_lib.audio.other_sounds import second_sound
from vcemo_lib.audio.recording import open_recording
from vcemo_lib.audio.signal import decode

RATE = 16_000


TONE = (0.2 * np.sin(2 * np.pi * 220 * np.arange(RATE) / RATE)).astype(np.float32)


NOISE = np.random.default_rng(0).normal(0, 1e-3, RATE).astype(np.float32)


CLICKS = (np.arange(RATE) % 800 < 8).astype(np.float32)


def wav(*channels: np.ndarray, rate: int = RATE, kind: str = "WAV", subtype: str = "FLOAT") -> bytes:
    out = io.BytesIO()
    soundfile.write(out, np.stack(channels, axis=1), rate, format=kind, subtype=subtype)
    return out.getvalue()


ODD = {  # channels, what is heard of them
    "one": ((TONE,), TONE),
    "two alike": ((TONE, TONE), TONE),
    "six alike": ((TONE,) * 6, TONE),
    "one is dead": ((TONE, 0 * TONE), TONE),
    "the first is dead": ((0 * TONE, TONE), TONE),
    "one is opposite": ((TONE, -TONE), TONE),
    "one is opposite and quieter": ((TONE, -0.5 * TONE), TONE),
    "one is opposite, with an offset": ((TONE, 0.1 - TONE), TONE),
    "one is opposite and a little late": ((TONE, -np.roll(TONE, 4)), TONE),
    "one is loud and constant": ((TONE, 0 * TONE + 0.5), TONE),
    "one is another sound": ((TONE, 0.5 * CLICKS), TONE),
    "one is next to dead": ((NOISE, TONE), TONE),
    "only the centre of six speaks": ((0 * TONE, 0 * TONE, TONE, 0 * TONE, 0 * TONE, 0 * TONE), TONE),
    "one is quieter": ((TONE, 0.5 * TONE), 0.75 * TONE),  # not at odds: their mean
}


@pytest.mark.parametrize("kind", ODD)
def test_channels_at_odds_do_not_silence_each_other(kind):
    channels, heard = ODD[kind]
    np.testing.assert_allclose(decode(wav(*channels)), heard, atol=1e-6)


SPOKEN = np.repeat(np.random.default_rng(1).random(16) > 0.5, RATE)  # sixteen seconds of talk and pauses
LONG = np.tile(TONE, 16)
TALK = LONG * SPOKEN


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (LONG * ~SPOKEN, True),  # two people in turn, as a call has them: the loudest alone is read
        (-TALK, False),
        (np.roll(TALK, 500), False),
        (0 * TALK + 0.5, False),
        (0.02 * np.tile(NOISE, 16), False),
        (25 * np.tile(NOISE, 16), False),  # a hiss and a hum of a tenth of the voice's power
        (0.05 * np.sin(2 * np.pi * 50 * np.arange(16 * RATE) / RATE), False),
        (np.roll(TALK, RATE // 10), False),  # an echo
        (0.5 * TALK, False),
    ],
)
def test_a_channel_of_another_sound_is_told_and_a_copy_is_not(other, told):
    assert second_sound(wav(TALK, other.astype(np.float32))) == told


def test_of_a_word_nothing_is_told_and_nobody_is_warned(recwarn):
    assert not second_sound(wav(TALK[:4000], np.tile(25 * NOISE, 4)[:4000]))
    assert not recwarn.list


def test_two_people_of_a_long_call_are_told_in_the_memory_of_some_blocks():
    call = np.stack([TALK, LONG * ~SPOKEN], axis=1).astype(np.float32)
    tracemalloc.start()
    try:
        assert another_beside(lambda: (call.copy() for _ in range(12)))
        assert tracemalloc.get_traced_memory()[1] < 10 * call.nbytes
    finally:
        tracemalloc.stop()


def test_of_many_channels_no_more_than_one_is_kept():
    """A part of a block keeps the whole block in memory, and 255 channels of Vorbis are small on the disk."""
    data = wav(0 * TONE, *[TONE] * 100, kind="WAV")
    assert samples(data)[0].base is None


def test_channels_at_odds_of_a_video_s_sound_too(tmp_path):
    av = pytest.importorskip("av")
    with av.open(str(tmp_path / "a.m4a"), "w") as out:
        track = out.add_stream("aac", rate=RATE, layout="stereo")
        frame = av.AudioFrame.from_ndarray(np.stack([TONE, -TONE]), format="fltp", layout="stereo")
        frame.rate = RATE
        for packet in (*track.encode(frame), *track.encode(None)):
            out.mux(packet)
    assert 0.1 < np.sqrt((decode(tmp_path / "a.m4a") ** 2).mean()) < 0.2


def test_a_sound_whose_channels_change_on_the_way_is_refused(tmp_path):
    """A broadcast, say, that goes on with one channel: parts of ADTS are joined byte by byte."""
    av, parts = pytest.importorskip("av"), []
    for layout, wave in (("stereo", np.stack([TONE, TONE])), ("mono", TONE[None])):
        with av.open(str(tmp_path / f"{layout}.aac"), "w") as out:
            track = out.add_stream("aac", rate=RATE, layout=layout)
            frame = av.AudioFrame.from_ndarray(wave, format="fltp", layout=layout)
            frame.rate = RATE
            for packet in (*track.encode(frame), *track.encode(None)):
                out.mux(packet)
        parts.append((tmp_path / f"{layout}.aac").read_bytes())
    (tmp_path / "a.aac").write_bytes(b"".join(parts))
    with pytest.raises(AudioError, match="cannot read .*a.aac"):
        samples(tmp_path / "a.aac")
    with pytest.raises(AudioError, match="a.aac is damaged .its channels changed while it was read."):
        list(open_recording(tmp_path / "a.aac").blocks())


def test_many_channels_take_the_memory_of_one():
    """255 channels of Vorbis, in a small file."""
    data = wav(*[TONE[:4000]] * 255, kind="OGG", subtype="VORBIS")
    assert len(samples(data)[0]) == 4000
