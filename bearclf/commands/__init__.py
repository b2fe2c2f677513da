"""The commands of ``bearclf``, one a module: ``SUMMARY``, ``add_arguments`` and ``run``.

Each imports what computes when it runs: torch takes seconds, and --help should not.
"""
