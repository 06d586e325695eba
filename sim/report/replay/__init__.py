"""One war again, to be looked at: a page with its raids on the map and its talks as a protocol."""
