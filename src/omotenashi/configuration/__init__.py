"""A project as a folder of YAML: read, checked whole, compiled to the one document the engine reads, planned, rendered."""
