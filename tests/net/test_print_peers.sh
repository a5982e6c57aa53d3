#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lib/print against the installed tcpdump: every capture of the peers (where they are), our own
# captures, and our own cut short and changed at random. Which packets may differ is known to the
# packet, docs/TEXT.md says why: a difference more is a regression, one less a line to be deleted.
set -u
cd "$(dirname "$0")/../.." || exit 1
ours=${B:-build}/tests/tools/print_pcap
peers=../shared/peers/pcaps
failed=0

if ! tcpdump --version 2>&1 | grep -q 'version 4\.99\.3'; then
	echo "ok print_peers # not compared: the tcpdump here is not 4.99.3"
	exit 0
fi

# The known differences of a set of options, sorted as print_compare.py names them.
known() {
	case " $* " in
	*" -x "*|*" -X "*|*" -A "*)
		echo "arista_ether.pcap: 16"
		echo "macsec-short-shorter.pcap: 1"
		echo "macsec-short-valid.pcap: 1" ;;
	esac
	case " $* " in
	*" -t "*|*" -ttt "*|*" -ttttt "*) ;;
	*)
		echo "time_2106.pcap: 1"
		echo "time_2106_max.pcap: 1" ;;
	esac
}

# compare NAME WANT ARGUMENT... -- OPTION...
compare() {
	local name=$1 want=$2 got
	shift 2
	got=$(tests/tools/print_compare.py "$ours" "$@")
	if [ "$(grep -v '^packets' <<<"$got")" = "$want" ] && grep -q '^packets [1-9]' <<<"$got"; then
		echo "ok $name: $(tail -1 <<<"$got")"
	else
		echo "not ok $name"
		diff <(echo "$want") <(echo "$got")
		failed=1
	fi
}

# shellcheck disable=SC2086
for opts in "" -e -q -v -vv -vvv "-e -v" "-q -v" -S -x -X -xx "-XX -e" -A -AA -t -tt -ttt -tttt \
	-ttttt --nano "-e -vv -X"; do
	compare "print_golden [$opts]" "" tests/golden/print_*.pcap -- $opts
done
# shellcheck disable=SC2086
for opts in "" -e -q -v "-q -v" -S -x -A -ttt -tttt --nano "-e -vv -X"; do
	[ ! -d $peers ] || compare "print_peers [$opts]" "$(known $opts)" $peers/*.pcap -- $opts
done
for opts in "" -v "-e -vv -X" "-q -x"; do
	# shellcheck disable=SC2086
	compare "print_mutated [$opts]" "" --mutate 25 --seed 7 tests/golden/print_*.pcap -- $opts
done
exit $failed
