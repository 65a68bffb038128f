"""A run on another machine, watched and steered from here: one ssh process carries its journal and the commands."""
