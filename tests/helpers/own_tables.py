"""A table of one's own, written and read."""

from vcemo_lib.data.corpora import manifest


def read(tmp_path, content: str | bytes, ending: str = ".csv", **options):
    path = tmp_path / f"mine{ending}"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return manifest.load(path, **options)
