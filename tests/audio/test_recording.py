"""Sound of any length comes in blocks, from disk or an iterator, and is parted into utterances as a whole would be."""

import doctest
import io
import tracemalloc

import numpy as np
import pytest
import soundfile
import torch

from vcemo_lib.audio import recording as recordings
from vcemo_lib.audio import speech_segments
from vcemo_lib.audio.decoding import AudioError, samples
from vcemo_lib.audio.recording import BLOCK, from_blocks, full_scale, one_channel, open_recording
from vcemo_lib.audio.silero_vad import VadError
from vcemo_lib.audio.speech_segments import segments

RATE = 16_000
RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def talk(corpus):
    """Twenty utterances with a second between them, and where each begins and ends, in seconds."""
    parts, places, n = [], [], 0
    for utterance in corpus.ids[:20]:
        wave = corpus.wave(utterance)
        places.append((n / RATE, (n + len(wave)) / RATE))
        parts += [wave, 1e-4 * RNG.standard_normal(RATE)]
        n += len(wave) + RATE
    return np.concatenate(parts).astype(np.float32), places


def utterances(recording, longest=12.0):
    return [segment for window in segments(recording, longest) for segment in window]


def test_each_utterance_of_a_talk_is_found_at_its_place(talk):
    wave, places = talk
    parts = utterances(from_blocks([wave], RATE))
    assert len(parts) == len(places)
    for part, (start, end) in zip(parts, places, strict=True):
        assert start - 0.2 < part.start < start + 0.8  # the clips of VCEMO-Sim begin with a breath of silence
        assert end - 0.8 < part.start + len(part.wave) / RATE < end + 0.2
        first = round(part.start * RATE)
        np.testing.assert_array_equal(part.wave, wave[first : first + len(part.wave)])


@pytest.mark.parametrize("size", [1, 37, 4_096, 10**9])
def test_how_the_sound_is_cut_into_blocks_changes_nothing(talk, size):
    wave = talk[0][: 35 * RATE]
    wave = wave[: 2 * RATE] if size == 1 else wave
    whole = utterances(from_blocks([wave], RATE))
    blocks = utterances(from_blocks((wave[n : n + size] for n in range(0, len(wave), size)), RATE))
    assert [part.start for part in whole] == [part.start for part in blocks]
    assert all(np.array_equal(a.wave, b.wave) for a, b in zip(whole, blocks, strict=True))


@pytest.mark.parametrize("longest", [3.0, 12.0])
def test_speech_without_a_pause_is_cut_and_none_of_it_lost(corpus, longest):
    wave = np.concatenate([corpus.wave(utterance)[4_000:-4_000] for utterance in corpus.ids[:30]])
    parts = utterances(from_blocks([wave], RATE), longest)
    assert max(len(part.wave) for part in parts) <= longest * RATE
    assert sum(len(part.wave) for part in parts) > 0.9 * len(wave)
    ends = [part.start + len(part.wave) / RATE for part in parts]
    assert all(end <= after.start + 1e-6 for end, after in zip(ends, parts[1:], strict=False))


@pytest.mark.parametrize("kind", ["nothing", "silence", "noise", "hum"])
def test_where_nobody_speaks_nothing_is_found(kind):
    t = np.arange(70 * RATE) / RATE
    wave = {
        "nothing": np.zeros(0),
        "silence": np.zeros(70 * RATE),
        "noise": 0.05 * RNG.standard_normal(70 * RATE),
        "hum": 0.3 * np.sin(2 * np.pi * 50 * t),
    }[kind]
    assert utterances(from_blocks([wave], RATE)) == []


@pytest.mark.parametrize(
    ("name", "options"), [("a.wav", {}), ("a.flac", {}), ("a.mp3", {}), ("a.ogg", {"subtype": "OPUS"})]
)
def test_a_file_gives_what_decoding_the_whole_gives(talk, tmp_path, name, options):
    soundfile.write(tmp_path / name, talk[0][: 50 * RATE], RATE, **options)
    recording = open_recording(tmp_path / name)
    whole, rate = samples(tmp_path / name)
    assert recording.rate == rate
    assert recording.seconds == pytest.approx(50, abs=0.1)
    np.testing.assert_allclose(np.concatenate(list(recording.blocks())), whole, atol=1e-4)  # libmpg123 rounds at a cut
    assert len(list(recording.blocks())) == -(-len(whole) // BLOCK)  # it can be read again


def test_a_sound_that_only_ffmpeg_reads_comes_in_blocks_too(talk, tmp_path):
    av = pytest.importorskip("av")
    wave = talk[0][: 20 * RATE]
    with av.open(str(tmp_path / "a.m4a"), "w") as container:
        track = container.add_stream("aac", rate=RATE, layout="mono")
        frame = av.AudioFrame.from_ndarray(wave[None], format="fltp", layout="mono")
        frame.sample_rate = RATE
        for packet in (*track.encode(frame), *track.encode(None)):
            container.mux(packet)
    recording = open_recording(tmp_path / "a.m4a")
    assert recording.seconds == pytest.approx(20, abs=0.2)
    assert len(next(recording.blocks())) < RATE
    np.testing.assert_array_equal(np.concatenate(list(recording.blocks())), samples(tmp_path / "a.m4a")[0])


@pytest.mark.parametrize("kind", ["both", "dead", "opposite", "quiet"])
def test_channels_are_joined_as_those_of_a_clip_are(talk, tmp_path, kind):
    wave = talk[0][: 20 * RATE]
    other = {"both": wave, "dead": 0 * wave, "opposite": -wave, "quiet": 0.5 * wave}[kind]
    soundfile.write(tmp_path / "a.wav", np.stack([other, wave], 1), RATE, subtype="FLOAT")
    streamed = np.concatenate(list(open_recording(tmp_path / "a.wav").blocks()))
    np.testing.assert_allclose(streamed, samples(tmp_path / "a.wav")[0], atol=1e-6)
    assert np.abs(streamed).max() > 0.5 * np.abs(wave).max()


def test_nothing_is_decoded_before_it_is_asked_for_and_no_more_than_is_needed(talk):
    taken = []

    def blocks():
        for n in range(1_000):
            taken.append(n)
            yield talk[0][:RATE]

    answers = segments(from_blocks(blocks(), RATE), 12.0)
    assert taken == []
    next(answers)
    assert len(taken) < 35  # of a thousand seconds


def test_an_hour_takes_the_memory_of_a_window(monkeypatch):
    monkeypatch.setattr(speech_segments, "detected", lambda wave, loud, **_: [(0, RATE)])
    block = np.zeros(RATE, np.float32)
    tracemalloc.start()
    windows = sum(1 for _ in segments(from_blocks((block for _ in range(3_600)), RATE), 12.0))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert windows == pytest.approx(3_600 / 29, abs=1)
    assert peak < 12e6  # bytes; the hour has 230 million


def test_several_channels_are_read_twice_and_never_held():
    block, reads = np.ones((BLOCK // 2, 2), np.float32), []

    def blocks():
        reads.append(1)
        return (block for _ in range(3))

    assert sum(map(len, one_channel(blocks))) == 3 * BLOCK // 2
    assert len(reads) == 2  # which of them, and the sound


@pytest.mark.parametrize(
    ("blocks", "message"),
    [
        ([np.zeros((10, 2))], r"shape \(10, 2\): give \(n,\) arrays, one channel"),
        ([np.array(["a"])], "samples of type <U1: give floating point"),
        ([np.zeros(10, np.uint8)], "samples of type uint8"),
        ([np.zeros(10, np.int64)], "samples of type int64"),
        ([np.zeros(10), np.array([np.nan])], "the stream holds values that are not finite"),
        ([np.zeros(10), np.array([1e12])], r"the stream has samples of up to 1e\+12, where full scale is 1"),
        ([bytes(10)], "a block of the stream is a bytes: give"),
        ([(np.zeros(10), RATE)], "a block of the stream is a tuple of several things"),
        ([[[0.0], [0.0, 0.0]]], "a block of the stream is a list of several things"),
    ],
)
def test_blocks_that_are_no_sound_are_refused(blocks, message):
    with pytest.raises(AudioError, match=message):
        utterances(from_blocks(blocks, RATE))


def test_blocks_are_whatever_holds_samples():
    wave = np.linspace(-0.5, 0.5, 10, dtype=np.float32)
    blocks = [wave, wave.tolist(), torch.tensor(wave, requires_grad=True), wave[:0]]
    np.testing.assert_array_equal(np.concatenate(list(from_blocks(blocks, RATE).blocks())), np.tile(wave, 3))


@pytest.mark.parametrize("rate", [0, 10, 10**7])
def test_a_rate_that_is_none_is_refused(rate):
    with pytest.raises(AudioError, match="sampling rate"):
        from_blocks([], rate)


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "no such audio file"), (b"", "0 bytes"), (b"no sound at all", "no decoder knows it, or it is damaged")],
)
def test_files_that_are_no_sound_are_refused(tmp_path, content, message):
    if content is not None:
        (tmp_path / "a.wav").write_bytes(content)
    with pytest.raises(AudioError, match=message):
        open_recording(tmp_path / "a.wav")


def test_a_recording_cut_in_the_middle_is_read_as_far_as_it_goes(talk):
    data = io.BytesIO()
    soundfile.write(data, talk[0], RATE, format="WAV")
    half = data.getvalue()[: len(data.getvalue()) // 2]
    assert sum(map(len, open_recording(half).blocks())) == pytest.approx(len(talk[0]) / 2, abs=100)


@pytest.mark.parametrize("kind", [np.int16, np.int32, np.float32, np.float64])
def test_samples_of_any_kind_have_full_scale_one(kind):
    wave = np.array([-0.5, 0.0, 0.25])
    scale = 1 if np.issubdtype(kind, np.floating) else -float(np.iinfo(kind).min)
    assert full_scale((wave * scale).astype(kind)).tolist() == wave.tolist()


def test_without_the_detector_a_recording_is_refused_in_a_sentence(monkeypatch):
    from vcemo_lib.audio import silero_vad

    monkeypatch.setattr(silero_vad, "find_spec", lambda name: None)
    with pytest.raises(VadError, match="run 'pip install faster-whisper'"):
        utterances(from_blocks([np.zeros(RATE)], RATE))


def test_examples():
    assert doctest.testmod(recordings).failed == 0
