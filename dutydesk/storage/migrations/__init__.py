"""One module a step: `mNNNN_what.py` with `up()`."""
