"""The base of every error that a user can cause; its text is a sentence to act on."""


class VcemoError(ValueError):
    """Something given or missing. The text says what was given, what was expected and what to do.

    The command line prints it as one line and ends with exit code 2; everything else is a bug and shows its trace.
    """


class CourseError(VcemoError):
    """A chapter, or a run of chapters, that cannot be as asked."""
