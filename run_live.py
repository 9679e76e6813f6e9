from live_improv.cli import main

raise SystemExit(main())
