"""The panes of the workbench: each takes state down and sends wishes up."""
