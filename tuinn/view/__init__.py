"""Floor 2: events folded into what is shown. Pure: the same events give the same view."""
