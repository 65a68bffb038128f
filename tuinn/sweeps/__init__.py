"""Floor 1: sweeps and the queue on disk: what is to be tried, the journals, the commands, the slots of a device."""
