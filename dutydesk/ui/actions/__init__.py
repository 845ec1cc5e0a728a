"""What the keys that work anywhere do, one module a subject; imported when the key is pressed."""
