#!/bin/sh
# A browser for the tests: one that is there, else Debian's chromium if we may install it, else Playwright's own.
set -eu
for name in chromium chromium-browser google-chrome; do
  if command -v "$name" >/dev/null; then exit 0; fi
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  apt-get update -q
  exec apt-get install -y -q --no-install-recommends chromium fonts-dejavu-core
fi
exec "$1" -m playwright install chromium
