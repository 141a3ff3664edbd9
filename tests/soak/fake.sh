#!/bin/sh
# Stands for a test binary whose machines end in every way there is; the tests of the driver let it hunt.
if [ "$1" = --list ]; then
  for name in good crash hang silent finding panic torn late slow; do echo "$name: test"; done
  exit
fi
name=$2
mkdir -p target/findings
running=target/findings/running-$name

# Executions and findings of a campaign that came to its end.
report() {
  rm "$running"
  echo "{\"machine\":\"$name\",\"executions\":$1,\"findings\":$2,\"seconds\":0.1,\"coverage\":{\"things\":[1,2]}}" >"$TENON_FUZZ_REPORT"
}

echo $$ >"pid-$name"
echo "$TENON_FUZZ_SEED 0" >"$running"
case $name in
good) report 5 0 ;;
crash) echo "7 3" >"$running" && kill -SEGV $$ ;;
hang) echo "9 4" >"$running" && exec sleep 60 ;;
# As if a name had changed, so that the harness runs nothing.
silent) rm "$running" && echo "running 0 tests" ;;
finding) echo "finding: two sums differ" && report 8 1 && exit 101 ;;
panic) echo "the machine itself is broken" && exit 101 ;;
torn) printf '{"machine":' >"$TENON_FUZZ_REPORT" ;;
# Campaigns go on after a finding.
late) echo "late: two sums differ" && exec sleep 60 ;;
slow) exec sleep 60 ;;
esac
