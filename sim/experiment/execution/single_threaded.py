"""Loaded first where workers are forked from: libraries loaded after it start no threads there.

A fork takes along only the thread that calls it; locks that others hold are held for ever.
"""

import gc
import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["JE_ARROW_MALLOC_CONF"] = "background_thread:false"

gc.disable()  # imports leave no garbage; a worker looks for it again once it begins
