"""Loads trafilatura before the first test.

urllib3 warns at import that an optional package is missing, and eases that by a filter of its own, which pytest takes
away after the test that first loaded urllib3. Loaded in two tests, the second import would end in that warning.
"""

import trafilatura  # noqa: F401
