"""What may be wrong with data of any kind: rare classes, missing classes, duplicates.

Each check returns findings. May import tuinn.spec only.
"""
