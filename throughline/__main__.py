from throughline.config.cli import main

raise SystemExit(main())
