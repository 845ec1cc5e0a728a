"""Forms as data: fields, drafts, errors under their field."""
