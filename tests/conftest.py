"""Takes time limits away from Hypothesis, and loads trafilatura before the first test.

A machine that is busy is no reason for a test to fail: nothing here is timed.

urllib3 warns at import that an optional package is missing, and eases that by a filter of its own, which pytest takes
away after the test that first loaded urllib3. Loaded in two tests, the second import would end in that warning.

A shell starts what runs in its background with Ctrl-C ignored, and so does what that starts; the tests of Ctrl-C need
it as in a terminal.
"""

import signal

import hypothesis
import trafilatura  # noqa: F401

from tests.comparing import audited, room, unaudited  # noqa: F401  (fixtures)

hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
