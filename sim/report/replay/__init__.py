"""A replay of one war: a page with its raids on the map and its talks as minutes."""
