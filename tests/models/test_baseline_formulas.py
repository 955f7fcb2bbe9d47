"""Each baseline against its formulas, written out once more by hand."""

from dataclasses import replace

import torch
import torch.nn.functional as F
from batches import alone, random_batch
from small import SMALL

from vcemo_lib.models.attention import MultiHeadAttention
from vcemo_lib.models.cme import Cme, frames_of_words, mean_and_max
from vcemo_lib.models.umons import Umons, UmonsReleased
from vcemo_lib.models.xu import AdditiveAlignment, Xu, XuDelta
from vcemo_lib.models.yoon import Hop, Mdre, Mha2

PLAIN = replace(SMALL, d=32, length=6, dropout=0.0)


def test_xu_alignment_by_hand():
    torch.manual_seed(0)
    align = AdditiveAlignment(3)
    frames, words = torch.randn(1, 4, 3), torch.randn(1, 2, 3)
    mask = torch.tensor([[True, True, True, False]])
    u, v, b = align.frame.weight[0], align.word.weight[0], align.word.bias[0]
    aligned, alpha = align(frames, mask, words)
    for j in range(2):
        e = [torch.tanh(u @ frames[0, i] + v @ words[0, j] + b).exp().item() for i in range(3)]
        expected = [x / sum(e) for x in e] + [0.0]
        torch.testing.assert_close(alpha[0, j], torch.tensor(expected))
        torch.testing.assert_close(aligned[0, j], sum(a * frames[0, i] for i, a in enumerate(expected)))


def test_xu_maps_the_frames_of_each_word():
    batch = random_batch()
    alpha = Xu(PLAIN).eval()(batch, keep_attention=True).attention["audio_by_words"]
    torch.testing.assert_close(alpha.sum(-1), torch.ones(4, 6))
    assert (alpha.masked_select(~batch.mel_mask[:, None]) == 0).all()


def test_the_released_xu_attends_by_heads_and_pools_by_a_context_vector():
    torch.manual_seed(0)
    model, batch = XuDelta(PLAIN).eval(), random_batch()
    assert isinstance(model.align, MultiHeadAttention)
    assert model.align.n_heads == 8
    frames, _ = model.audio(model.frames(batch.mel), batch.mel_mask)
    words, _ = model.words(batch.words, batch.words_mask)
    aligned, attention = model.align(words, frames, batch.mel_mask, True)
    joint, _ = model.joint(torch.cat([words, aligned], -1), batch.words_mask)
    out = model(batch, keep_attention=True)
    torch.testing.assert_close(out.attention["audio_by_words"], attention)
    for i, n in enumerate(batch.words_mask.sum(1)):
        context = torch.stack([model.score[2](torch.tanh(model.score[0](h)))[0] for h in joint[i, :n]]).softmax(0)
        torch.testing.assert_close(out.logits[i], model.predict(context @ joint[i, :n]))


def test_the_released_umons_lets_padding_in_after_the_first_block():
    torch.manual_seed(0)
    released, batch = UmonsReleased(PLAIN).eval(), random_batch()
    masked = Umons(PLAIN).eval()
    masked.load_state_dict(released.state_dict())  # the same weights
    assert not torch.allclose(released(batch).logits, masked(batch).logits, atol=1e-4)
    full = random_batch(frames=(37, 30), tokens=(6, 6))  # six words fill all steps: nothing is padding
    torch.testing.assert_close(released(full).logits, masked(full).logits)
    for i in range(len(batch)):  # its own padding takes part, that of the batch does not
        torch.testing.assert_close(released(alone(batch, i)).logits[0], released(batch).logits[i], rtol=0, atol=1e-5)


def test_yoon_hop_by_hand():
    torch.manual_seed(0)
    hop = Hop(3)
    query, steps = torch.randn(1, 3), torch.randn(1, 4, 3)
    mask = torch.tensor([[True, True, False, True]])
    q = hop.project.weight @ query[0] + hop.project.bias
    e = [(q @ steps[0, t]).exp().item() if mask[0, t] else 0.0 for t in range(4)]
    mixed, alpha = hop(query, steps, mask)
    torch.testing.assert_close(alpha[0], torch.tensor([x / sum(e) for x in e]))
    torch.testing.assert_close(mixed[0], sum(x / sum(e) * steps[0, t] for t, x in enumerate(e)))


def test_mha2_hops_from_audio_to_words_and_back():
    model, batch = Mha2(PLAIN).eval(), random_batch()
    frames, final = model.audio(batch.mel, batch.mel_mask)
    words, _ = model.words(batch.words, batch.words_mask)
    h1, over_words = model.hop1(final, words, batch.words_mask)
    h2, over_frames = model.hop2(h1, frames, batch.mel_mask)
    out = model(batch, keep_attention=True)
    torch.testing.assert_close(out.logits, model.predict(torch.cat([h1, h2], 1)))
    torch.testing.assert_close(out.attention, {"words_by_audio": over_words, "audio_by_words": over_frames})


def test_mdre_is_linear_after_the_two_final_states():
    model, batch = Mdre(PLAIN).eval(), random_batch()
    for i in range(4):
        one = alone(batch, i)
        audio, words = model.audio.ahead(one.mel)[0][:, -1], model.words.ahead(one.words)[0][:, -1]
        halves = torch.cat([model.halve_audio(audio), model.halve_words(words)], 1)
        torch.testing.assert_close(model(batch).logits[i], model.predict(halves)[0])


def test_umons_guides_by_the_blocks_input():
    """Changing a block's own SA of the words must not reach its SGA: the quirk that makes it stacking."""
    torch.manual_seed(0)
    model, batch = Umons(PLAIN).eval(), random_batch()
    seen = {}
    for n, block in enumerate(model.blocks):
        block.sga.register_forward_hook(lambda _m, _i, out, n=n: seen.setdefault(n, []).append(out[0].clone()))
    model(batch)
    with torch.no_grad():
        model.blocks[0].sa.feed[3].weight.mul_(3)
    model(batch)
    assert torch.equal(*seen[0])
    assert not torch.allclose(*seen[1])
    assert model.blocks[0].glimpses is not None
    assert model.blocks[1].glimpses is None


def test_umons_block_adds_a_second_residual():
    torch.manual_seed(0)
    block = Umons(PLAIN).blocks[1].eval()
    x, y, full = torch.randn(2, 6, 32), torch.randn(2, 6, 32), torch.ones(2, 6, dtype=torch.bool)
    new_x, new_y, _ = block(x, full, y, full, False)
    torch.testing.assert_close(new_x, x + block.sa(x)[0])
    torch.testing.assert_close(new_y, y + block.sga(y, x)[0])


def test_cme_pools_the_frames_of_each_word():
    g = torch.Generator().manual_seed(0)
    frames, inside = torch.randn(2, 7, 3, generator=g) - 2, torch.rand(2, 4, 7, generator=g) < 0.4
    inside[1, 2] = False
    pooled = mean_and_max(frames, inside)
    for b in range(2):
        for s in range(4):
            own = frames[b, inside[b, s]]
            expected = torch.cat([own.mean(0), own.amax(0)]) if len(own) else torch.zeros(6)
            torch.testing.assert_close(pooled[b, s], expected)


def test_cme_frames_are_those_of_the_released_averaging_rule():
    """The source averages the word × frame matrix with windows 5, 2, 2 and keeps what is above zero."""
    spans = torch.tensor([[[0, 2], [2, 9], [9, 10], [10, 19], [0, 0]]])
    mask = torch.ones(1, 19, dtype=torch.bool)
    t = torch.arange(19)
    matrix = ((t >= spans[..., :1]) & (t < spans[..., 1:])).double()
    for window in (5, 2, 2):
        matrix = F.avg_pool1d(matrix, window, stride=1)
    torch.testing.assert_close(frames_of_words(spans, mask)[..., 3:-3], matrix > 1e-9)
    assert not frames_of_words(spans, mask)[0, 4].any()


def test_cme_reads_sound_through_the_word_times_only():
    torch.manual_seed(0)
    model, batch = Cme(PLAIN).eval(), random_batch()
    untimed = replace(batch, spans=torch.zeros_like(batch.spans))
    assert not torch.allclose(model(batch).logits, model(untimed).logits, atol=1e-4)
    torch.testing.assert_close(model(replace(untimed, mel=-batch.mel)).logits, model(untimed).logits)


def test_cme_excites_words_by_sound_and_sound_by_words():
    """x + x ⊙ σ(·) on both sides, each gate fed by the other side before excitation."""
    torch.manual_seed(0)
    model, batch = Cme(PLAIN).eval(), random_batch()
    joined = []
    model.joint.register_forward_hook(lambda _m, inputs, _o: joined.append(inputs[0]))
    model(batch)
    words = model.words(batch.words)
    frames = model.convs(F.pad(batch.mel.transpose(1, 2), (3, 3))).transpose(1, 2)
    sound = mean_and_max(frames, frames_of_words(batch.spans, batch.mel_mask) & batch.words_mask[..., None])
    louder = sound + sound * torch.sigmoid(model.sound_gate(batch.words))
    stronger = words + words * torch.sigmoid(model.word_gate(sound))
    torch.testing.assert_close(joined[0], torch.cat([stronger, louder], -1))
