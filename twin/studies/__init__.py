"""Many runs of one function: points, keys, workers, the store, and the table of what came out."""
