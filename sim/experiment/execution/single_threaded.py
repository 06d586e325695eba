"""Imported first in the fork server: libraries imported after it start no threads there.

A fork copies only the thread that calls it; locks that other threads hold are never released.
"""

import gc
import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["JE_ARROW_MALLOC_CONF"] = "background_thread:false"

gc.disable()  # imports leave no garbage; each worker enables collection again
