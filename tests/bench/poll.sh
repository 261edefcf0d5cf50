#!/bin/sh
# Submits $2 jobs to the emulator at $1 and asks for each every 2 seconds; prints `REQUEST_ID TIME` for each result.
one() {
    input="{\"prompt\":\"a lake, $2\",\"image_size\":{\"width\":64,\"height\":48}}"
    id=$(curl -s -H "Authorization: Key any" -d "$input" "$1/queue/demo/sketch/fast" | sed 's/.*"request_id":"\([^"]*\)".*/\1/')
    until curl -s -H "Authorization: Key any" "$1/queue/demo/sketch/requests/$id/status" | grep -q '"COMPLETED"'; do
        sleep 2
    done
    curl -s -H "Authorization: Key any" "$1/queue/demo/sketch/requests/$id" >/dev/null
    echo "$id $(date +%s.%N)"
}
number=0
while [ "$number" -lt "$2" ]; do
    one "$1" "$number" &
    number=$((number + 1))
done
wait
