#!/bin/sh
# Renew static/fonts from the packages that package.json pins. Needs npm; run only when a pin moves:
# the copies are kept in the repository, because a till or a laptop has no npm.
#
# The pages take subsets (unicode-range keeps Persian bytes away from English pages). Paper takes whole
# fonts, each script under a name of its own: WeasyPrint draws wrong glyphs when two subsets share one
# font-family, and says nothing. One file per weight: cutting the weights out of a variable font takes
# longer than all the rest of a receipt.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
command -v npm >/dev/null || { echo "npm is not installed. The fonts in static/fonts stay as they are." >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$root/package.json" "$root/package-lock.json" "$work/"
(cd "$work" && npm ci --ignore-scripts --no-audit --no-fund --silent)

from="$work/node_modules"
to="$root/static/fonts"
mkdir -p "$to"
take() { install -m 0644 "$from/$1" "$to/$2"; }

take @fontsource-variable/inter/files/inter-latin-wght-normal.woff2           inter-latin.woff2
take @fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2       inter-latin-ext.woff2
take @fontsource-variable/vazirmatn/files/vazirmatn-arabic-wght-normal.woff2  vazirmatn-arabic.woff2
take inter-ui/web/Inter-Regular.woff2                                         receipt-latin-400.woff2
take inter-ui/web/Inter-Bold.woff2                                            receipt-latin-700.woff2
take vazirmatn/fonts/webfonts/Vazirmatn-Regular.woff2                         receipt-arabic-400.woff2
take vazirmatn/fonts/webfonts/Vazirmatn-Bold.woff2                            receipt-arabic-700.woff2
take inter-ui/LICENSE.txt                                                     OFL-Inter.txt
take vazirmatn/OFL.txt                                                        OFL-Vazirmatn.txt

ls -l "$to"
