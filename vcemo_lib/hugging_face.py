"""Pretrained models in Hugging Face form, read from this machine only and without messages of transformers."""

from typing import Any

from transformers.utils import logging


def load_pretrained(factory: type, source: str, **options) -> Any:
    """`factory.from_pretrained` of a folder, or of a name that is in the local cache; nothing is downloaded.

    transformers reports weights that a task does not use as a warning; to a reader it is none.
    """
    level = logging.get_verbosity()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        return factory.from_pretrained(source, local_files_only=True, **options)
    finally:
        logging.set_verbosity(level)
        logging.enable_progress_bar()
