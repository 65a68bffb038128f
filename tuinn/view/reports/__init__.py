"""What was found out about a network or by an import, as text: evaluation, calibration, data, doctor, two networks, export.

Start with report_text.py. May import the rest of tuinn.view, and what that may.
"""
