"""The ``ilo-geo`` command: a module each sub-command, which parses, calls a service, prints."""
