"""Lessons: a TOML file each, read, checked, and listed; and what the user has done of them.

Start with lesson.py, then reader.py and library.py. The lessons that come with tuinn lie here, others in
`$TUINN_HOME/lessons`.
"""
