"""Named cases, our solver and its peers side by side, results as JSON; benchmarks for asv."""
