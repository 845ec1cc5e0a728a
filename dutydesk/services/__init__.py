"""Use cases: one file a subject, one function a use case."""
