"""What is wrong with a draft, said before training, each problem with the changes that fix it.

Start with advise.py; one module per kind of problem. May import all of tuinn.spec but presets, import and export.
"""
