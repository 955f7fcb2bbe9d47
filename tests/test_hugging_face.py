"""Loading in Hugging Face form asks this machine only, says nothing, and leaves transformers' voice as it was."""

import pytest
from transformers.utils import logging

from vcemo_lib.hugging_face import load_pretrained


class Factory:
    """Notes what it was asked for and how loud transformers was meanwhile."""

    @classmethod
    def from_pretrained(cls, source, **options):
        cls.asked = source, options, logging.get_verbosity(), logging.is_progress_bar_enabled()
        if source == "missing":
            raise OSError(source)
        return "the model"


@pytest.mark.parametrize("source", ["here", "missing"])
def test_it_is_local_and_silent_and_restores_the_verbosity(source):
    before = logging.get_verbosity()
    logging.set_verbosity_info()
    try:
        if source == "missing":
            with pytest.raises(OSError, match="missing"):
                load_pretrained(Factory, source, use_safetensors=True)
        else:
            assert load_pretrained(Factory, source, use_safetensors=True) == "the model"
        assert Factory.asked == (source, {"local_files_only": True, "use_safetensors": True}, logging.ERROR, False)
        assert logging.get_verbosity() == logging.INFO
        assert logging.is_progress_bar_enabled()
    finally:
        logging.set_verbosity(before)
