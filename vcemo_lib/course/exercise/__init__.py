"""Exercises: graders in the notebooks, the students' edition without solutions, marking what students hand in."""
