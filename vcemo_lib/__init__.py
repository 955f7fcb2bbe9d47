"""The library behind the VCEMO notebook course: from raw speech to the paper's three tables."""

import os

# oneDNN keeps the kernels of 1,024 shapes that it met. Batches differ in length, so that few are met again, and a
# training holds 100 MB for them; for 64 kernels 35 MB more than for 16 (`vcemo train` on 1,900 clips).
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "16")
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # onnxruntime, which hears voices here, reports to its makers
