"""Starting in one second instead of four: the runner starts a process for each chapter."""

import sys

# jsonschema builds a grammar of web addresses from the first, papermill reaches Hadoop through the second.
# Each costs seconds at every start; both are optional to their users, and a local notebook needs neither.
SLOW_AND_OPTIONAL = ("rfc3987_syntax", "pyarrow")


def skip_slow_imports() -> None:
    """Make imports of those packages fail in this process, which its users take as not installed.

    Call it first, and only in processes that read no parquet.
    """
    for name in SLOW_AND_OPTIONAL:
        sys.modules.setdefault(name, None)
