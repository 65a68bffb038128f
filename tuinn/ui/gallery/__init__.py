"""The gallery: samples as tiles or lines, with what a network says of them, filtered and ordered.

Start with screen.py. What is shown, and in which order, is decided in controller.py and in tuinn.view.gallery. May import
dialogs, widgets and what `tuinn.ui.datasets` shows of single samples.
"""
