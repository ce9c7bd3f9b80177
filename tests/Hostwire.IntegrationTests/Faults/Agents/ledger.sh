# sh ledger.sh FOLDER NAME SERIES: what an agent of the fault runner runs as an [[exec]] command. Its readings are known beforehand from the moment it began, in
# microseconds: the value of series N is that moment plus N. FOLDER/NAME.ledger says, outside of the product, which readings were made.
unset LD_PRELOAD
now=$(date +%s%6N)
if [ -e "$1/paused" ]; then
  echo "$now paused" >>"$1/$2.ledger"
  exit 0
fi
echo "$now begun" >>"$1/$2.ledger"
if [ -e "$1/slow" ]; then sleep 0.3; fi
n=0
while [ "$n" -lt "$3" ]; do
  echo "rig_ledger_$((n % 10)){n=\"$n\"} $((now + n))"
  n=$((n + 1))
done
echo "$now done" >>"$1/$2.ledger"
