"""The plan against its own figures and against the layers: rules as data, recomputed."""
