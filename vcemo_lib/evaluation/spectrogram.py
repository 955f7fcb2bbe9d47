"""A log-mel spectrogram as a picture, with the frequencies of its bands written beside them."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.image import AxesImage

from ..audio.signal import slaney_hertz

HERTZ = (250, 500, 1000, 2000, 4000, 7000)  # Hz: about an octave apart, the last within the highest band


def draw_mel(ax: Axes, mel: np.ndarray, hop_ms: float = 10.0, **scale) -> AxesImage:
    """(T, n_mels) over seconds, low bands at the bottom. Args: scale, `vmin` and `vmax`, of the colours."""
    extent = (0, len(mel) * hop_ms / 1000, 0, mel.shape[1])
    cells = {"origin": "lower", "aspect": "auto", "cmap": "magma", "interpolation": "nearest"}
    image = ax.imshow(mel.T, extent=extent, **cells, **scale)
    centres = slaney_hertz(mel.shape[1] + 2)[1:-1]  # of bands, of which band k lies from k to k + 1
    places = np.interp(HERTZ, centres, np.arange(mel.shape[1]) + 0.5)
    ax.set_yticks(places, [f"{hertz:,}" for hertz in HERTZ], fontsize=8)
    ax.set_ylabel("Hz")
    return image
