"""The library behind the VCEMO notebook course: from raw speech to the paper's three tables."""
