"""One page of HTML about an image: its parts, their look, and where the numbers come from."""
