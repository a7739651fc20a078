"""Independent answers that the tests compare the package with."""
