"""A microphone for JupyterLab: the browser records, and the sound arrives here as the bytes of a file."""

from pathlib import Path

import anywidget
import traitlets


class Microphone(anywidget.AnyWidget):
    """A button that records until it is pressed again.

    Traits:
        sound: the file that the browser made of the recording, WebM or MP4; `audio.decode` reads both.

    What goes wrong in the browser, a refused permission above all, stands beside the button.
    """

    _esm = Path(__file__).with_suffix(".js")
    # What comes from the browser is a memoryview, which a trait of bytes refuses.
    sound = traitlets.Bytes(b"").tag(sync=True, from_json=lambda value, _: bytes(value))
