"""The attention of MCAN's units written as loops over batch, head, query and key: slow, and read off the formulas."""

import math


def slow_linear(layer, x):
    w, b = layer.weight.tolist(), layer.bias.tolist()
    return [b[o] + sum(w[o][i] * x[i] for i in range(len(x))) for o in range(len(b))]


def slow_norm(layer, x):
    mean = sum(x) / len(x)
    var = sum((v - mean) ** 2 for v in x) / len(x)
    gain, bias = layer.weight.tolist(), layer.bias.tolist()
    return [(v - mean) / math.sqrt(var + layer.eps) * g + b for v, g, b in zip(x, gain, bias, strict=True)]


def slow_attention(layer, queries, source, keep):
    """One utterance: lists of vectors, keep = list of bool over source."""
    q = [slow_linear(layer.query, v) for v in queries]
    k = [slow_linear(layer.key, v) for v in source]
    v = [slow_linear(layer.value, s) for s in source]
    size, out = layer.query.out_features // layer.n_heads, []
    for i in range(len(q)):
        mixed = []
        for h in range(layer.n_heads):
            part = range(h * size, (h + 1) * size)
            e = {j: math.exp(sum(q[i][c] * k[j][c] for c in part) / math.sqrt(size)) for j in range(len(k)) if keep[j]}
            mixed += [sum(e[j] / sum(e.values()) * v[j][c] for j in e) for c in part]
        out.append(slow_linear(layer.out, mixed))
    return out


def slow_feed(layer, x):
    return slow_linear(layer[3], [max(0.0, v) for v in slow_linear(layer[0], x)])


def added(residual, x, change):
    return [
        slow_norm(residual.norm, [a + b for a, b in zip(u, v, strict=True)]) for u, v in zip(x, change, strict=True)
    ]


def slow_sa(unit, x, keep):
    x = added(unit.add1, x, slow_attention(unit.attend, x, x, keep))
    return added(unit.add2, x, [slow_feed(unit.feed, v) for v in x])


def slow_sga(unit, y, guide, keep_y, keep_guide):
    y = added(unit.add1, y, slow_attention(unit.attend, y, y, keep_y))
    y = added(unit.add2, y, slow_attention(unit.look, y, guide, keep_guide))
    return added(unit.add3, y, [slow_feed(unit.feed, v) for v in y])


def slow_coattention(layer, x, y, keep_x, keep_y):
    depths = []
    for unit in layer.guide_units:
        x = slow_sa(unit, x, keep_x)
        depths.append(x)
    for n, unit in enumerate(layer.guided_units):
        y = slow_sga(unit, y, depths[n] if layer.cascade == "stacking" else x, keep_y, keep_x)
    return x, y
