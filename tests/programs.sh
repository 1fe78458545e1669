#!/bin/sh
# Get the programs that some tests need, where that is allowed; else say plainly what is left out.
set -u
updated=""

# need PROGRAM "PACKAGES" "WHAT IS LEFT OUT": install the packages unless the program is there.
need() {
	there "$1" && return
	if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
		echo "Installing $1 for the tests …"
		[ -n "$updated" ] || { apt-get update -qq >/dev/null 2>&1; updated=yes; }
		# shellcheck disable=SC2086  # several packages
		DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $2 >/dev/null 2>&1
		there "$1" && return
	fi
	echo "There is no $1 here, so $3 are left out."
	echo "To run them: apt-get install $2 (Debian), then make test again."
}

there() {
	command -v "$1" >/dev/null 2>&1 || return 1
	[ "$1" != tesseract ] || tesseract --list-langs 2>/dev/null | grep -qx swa
}

need chromium "chromium" "the browser tests (tests/web/test_browser.py)"
need tesseract \
	"tesseract-ocr tesseract-ocr-eng tesseract-ocr-fra tesseract-ocr-spa tesseract-ocr-por tesseract-ocr-swa tesseract-ocr-ara fonts-dejavu-core" \
	"the tests of scans (tests/ingest/test_ocr.py)"
need zimcheck "zim-tools" "the check of ZIM files (tests/web/test_publish_zim.py)"
need kiwix-serve "kiwix-tools" "the tests that read ZIM files through Kiwix (tests/web/test_publish_zim.py)"
need soffice "libreoffice-writer libreoffice-calc" "the tests that go through LibreOffice"
exit 0
