"""`python -m ops.validate`, for where only this folder was copied to."""

import sys

from ops.validate.cli import main

sys.exit(main(sys.argv[1:]))
