"""Saving: the engine, the models, the migrations, the audit chain, drafts, search and the change feed."""
