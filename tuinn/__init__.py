"""tuinn trains Keras networks in the terminal. Read the package from spec upwards; docs/architecture.md is the map."""

__version__ = "0.1.0"
