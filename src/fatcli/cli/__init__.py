"""The command line: parse, call the pipeline, print, exit."""

import atexit
import gc

# A command is short and makes few cycles: walking all its objects again and again, as its modules load, and once more when it ends,
# costs a small run a sixth of its time.
gc.set_threshold(1_000_000, 50, 50)
atexit.register(gc.freeze)
