"""The lens: one sample on its way through the network, layer by layer, with the arithmetic of every value.

Start with screen.py. May import dialogs, widgets and keys, and the floors below.
"""
