"""The panes of the workbench: each takes state down and sends messages up.

One module per pane, and the widgets that only it uses. No pane knows another pane or the screen.
"""
