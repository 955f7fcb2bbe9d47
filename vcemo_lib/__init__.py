"""The library behind the VCEMO notebook course: from raw speech to the paper's three tables."""

import os

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # onnxruntime, which hears voices here, reports to its makers
