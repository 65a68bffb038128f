"""What a network answers: predictions, samples of the user's own, reports, galleries, and the way into the lens.

Start with predictions.py. May import what the workbench may, but not its screen.
"""
