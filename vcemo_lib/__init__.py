"""The library behind the VCEMO notebook course: from raw speech to the paper's three tables."""

import os

# oneDNN keeps the kernels of 1,024 shapes that it met. Batches differ in length, so that few are met again, and a
# training holds hundreds of megabytes for them.
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "16")
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # onnxruntime, which hears voices here, reports to its makers
