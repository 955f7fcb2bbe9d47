"""How libsndfile is handed a sound, and how it goes through it."""

import io

import soundfile


class Forward(soundfile.SoundFile):
    """A sound that is read from its beginning to its end.

    soundfile seeks behind each block that it has read. In an Ogg of which a part is left out that leads back: some of
    the sound is read twice, and the sum of the blocks is what the header promises.
    """

    def seekable(self) -> bool:
        """No, so that soundfile does not seek; who calls `seek` still may."""
        return False


class OpenedBytes(io.BytesIO):
    """Bytes in which a damaged header may send libsndfile to a place before the first."""

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """As of any file, and -1 for a place that there is not."""
        try:
            return super().seek(offset, whence)
        except ValueError:
            return -1
