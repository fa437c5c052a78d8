"""The command line: parse, call the pipeline, print, exit."""

import gc

# A command is short and makes few cycles; walking its modules' objects again and again, as they load, costs a tenth of its time.
gc.set_threshold(1_000_000, 50, 50)
