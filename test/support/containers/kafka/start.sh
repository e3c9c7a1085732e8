#!/bin/bash
# KAFKA_NODE_ID=1 becomes node.id=1. Written with the shell's own means: there are no other tools in this image.
set -euo pipefail
properties=/tmp/server.properties
classes='/opt/kafka/libs/*'
read -ra heap <<<"${KAFKA_HEAP_OPTS:--Xms256m -Xmx256m}"
small=(-XX:+UseSerialGC -XX:TieredStopAtLevel=1)

for name in $(compgen -e KAFKA_); do
  if [ "$name" = KAFKA_HEAP_OPTS ]; then continue; fi
  key=${name#KAFKA_}
  key=${key,,}
  printf '%s=%s\n' "${key//_/.}" "${!name}"
done >"$properties"

java "${small[@]}" -cp "$classes" kafka.tools.StorageTool format --ignore-formatted -t "$CLUSTER_ID" -c "$properties"
exec java "${heap[@]}" "${small[@]}" -cp "$classes" kafka.Kafka "$properties"
