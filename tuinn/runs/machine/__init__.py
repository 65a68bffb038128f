"""What the machine gives a run: its graphics cards, its life past a logout, and its turn in the queue of a cluster."""
