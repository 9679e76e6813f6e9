"""`python -m live_improv`."""

from live_improv.cli import main

raise SystemExit(main())
