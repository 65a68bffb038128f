"""Floor 1: one folder on disk per run: its spec, its journal, its commands, its lock."""
