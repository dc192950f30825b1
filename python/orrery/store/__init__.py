"""Results files, read as they are (docs/results-format.md): nothing but Python and NumPy needed."""

from __future__ import annotations

from .combined import Results, open_results
from .results_file import HeatMap, Metric, ResultsFile, Run, Variant

__all__ = ["HeatMap", "Metric", "Results", "ResultsFile", "Run", "Variant", "open_results"]
