#!/bin/sh
# Get chromium for the browser tests where that is allowed; else say plainly what is left out.
set -u
command -v chromium >/dev/null 2>&1 && exit 0
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
	echo "Installing chromium for the browser tests …"
	{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium; } >/dev/null 2>&1 && exit 0
fi
echo "There is no chromium here, so the browser tests (tests/web/test_browser.py) are left out."
echo "To run them: install the package chromium (Debian: apt-get install chromium), then make test again."
