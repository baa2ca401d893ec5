"""A demo assistant with its people, for a first look without an assistant of one's own."""
