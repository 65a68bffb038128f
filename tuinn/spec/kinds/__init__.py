"""The catalogue's rows, a module to a group. `tuinn.spec.layers` puts them together."""
