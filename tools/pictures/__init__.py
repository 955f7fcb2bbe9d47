"""The drawings of the course, as SVG: `python -m tools.pictures` writes figures/drawings anew."""
