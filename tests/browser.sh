#!/bin/sh
# Browsers for the tests. Chromium: one that is there, else Debian's if we may install it, else Playwright's own.
# Firefox: one that is there, or Debian's if we may install it; without one, its tests are skipped.
set -eu
first_of() {
  for name in "$@"; do
    if command -v "$name" >/dev/null; then return 0; fi
  done
  return 1
}
wanted=
first_of chromium chromium-browser google-chrome || wanted="chromium fonts-dejavu-core"
first_of firefox-esr firefox || wanted="$wanted firefox-esr"
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null && [ -n "$wanted" ]; then
  apt-get update -q
  for package in $wanted; do
    # Other systems than Debian have it under other names.
    apt-get install -y -q --no-install-recommends "$package" || echo "No $package here."
  done
fi
first_of chromium chromium-browser google-chrome || exec "$1" -m playwright install chromium
