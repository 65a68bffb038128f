"""The arithmetic of a layer, written out with real numbers: what one value of it was worked out from.

Start with rules.py. Pure functions of the arrays of an inspection.
"""
