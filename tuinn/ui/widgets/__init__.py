"""Small widgets that know how to draw one thing."""
