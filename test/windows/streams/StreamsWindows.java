import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Properties;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.serialization.DoubleSerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.KGroupedStream;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.SessionWindows;
import org.apache.kafka.streams.kstream.SlidingWindows;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.state.BuiltInDslStoreSuppliers.InMemoryDslStoreSuppliers;

/**
 * Kafka Streams' own windows over given records, in TopologyTestDriver. The argument is a file of jobs, one a
 * line; what comes of each is one line of the output.
 *
 * <p>A job: {"window": {"kind": "tumbling" | "hopping" | "sliding" | "session", "sizeMs", "advanceMs", "graceMs"},
 * "records": [[key, timestampMs, value], ...]}; sizeMs is the time difference of sliding windows and the gap of
 * sessions. What comes of it: one step a record: {"dropped": true | false, "updates": [[key, startMs, endMs, count, sum], ...]},
 * with count 0 for a session that has gone into another.
 */
public final class StreamsWindows {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String NOTHING = "0 0.0";

  public static void main(String[] arguments) throws IOException {
    for (String job : Files.readAllLines(Path.of(arguments[0]))) {
      System.out.println(JSON.writeValueAsString(stepsOf(JSON.readTree(job))));
    }
  }

  private static ArrayNode stepsOf(JsonNode job) {
    ArrayNode steps = JSON.createArrayNode();
    ArrayNode[] updates = {JSON.createArrayNode()};
    StreamsBuilder builder = new StreamsBuilder();
    KGroupedStream<String, Double> byKey =
        builder
            .stream("records", Consumed.with(Serdes.String(), Serdes.Double()))
            .groupByKey(Grouped.with(Serdes.String(), Serdes.Double()));
    windowed(byKey, job.get("window"))
        .toStream()
        .foreach((window, value) -> updates[0].add(update(window, value == null ? NOTHING : value)));
    try (TopologyTestDriver driver =
        new TopologyTestDriver(builder.build(), settings(), Instant.ofEpochMilli(0))) {
      TestInputTopic<String, Double> topic =
          driver.createInputTopic("records", new StringSerializer(), new DoubleSerializer());
      double dropped = 0;
      for (JsonNode record : job.get("records")) {
        updates[0] = JSON.createArrayNode();
        topic.pipeInput(record.get(0).asText(), record.get(2).asDouble(), record.get(1).asLong());
        double before = dropped;
        dropped = droppedBy(driver);
        ObjectNode step = steps.addObject();
        step.put("dropped", dropped > before);
        step.set("updates", updates[0]);
      }
    }
    return steps;
  }

  private static KTable<Windowed<String>, String> windowed(
      KGroupedStream<String, Double> byKey, JsonNode window) {
    Duration size = Duration.ofMillis(window.get("sizeMs").asLong());
    Duration grace = Duration.ofMillis(window.get("graceMs").asLong());
    switch (window.get("kind").asText()) {
      case "tumbling":
        return byKey
            .windowedBy(TimeWindows.ofSizeAndGrace(size, grace))
            .aggregate(() -> NOTHING, StreamsWindows::add, Materialized.with(Serdes.String(), Serdes.String()));
      case "hopping":
        Duration advance = Duration.ofMillis(window.get("advanceMs").asLong());
        return byKey
            .windowedBy(TimeWindows.ofSizeAndGrace(size, grace).advanceBy(advance))
            .aggregate(() -> NOTHING, StreamsWindows::add, Materialized.with(Serdes.String(), Serdes.String()));
      case "sliding":
        return byKey
            .windowedBy(SlidingWindows.ofTimeDifferenceAndGrace(size, grace))
            .aggregate(() -> NOTHING, StreamsWindows::add, Materialized.with(Serdes.String(), Serdes.String()));
      default:
        return byKey
            .windowedBy(SessionWindows.ofInactivityGapAndGrace(size, grace))
            .aggregate(
                () -> NOTHING,
                StreamsWindows::add,
                StreamsWindows::merge,
                Materialized.with(Serdes.String(), Serdes.String()));
    }
  }

  private static String add(String key, Double value, String total) {
    return (countOf(total) + 1) + " " + (sumOf(total) + value);
  }

  private static String merge(String key, String one, String other) {
    return (countOf(one) + countOf(other)) + " " + (sumOf(one) + sumOf(other));
  }

  private static long countOf(String total) {
    return Long.parseLong(total.substring(0, total.indexOf(' ')));
  }

  private static double sumOf(String total) {
    return Double.parseDouble(total.substring(total.indexOf(' ') + 1));
  }

  private static ArrayNode update(Windowed<String> window, String total) {
    return JSON.createArrayNode()
        .add(window.key())
        .add(window.window().start())
        .add(window.window().end())
        .add(countOf(total))
        .add(sumOf(total));
  }

  private static double droppedBy(TopologyTestDriver driver) {
    double dropped = 0;
    for (Metric metric : driver.metrics().values()) {
      if (metric.metricName().name().equals("dropped-records-total")) dropped += (double) metric.metricValue();
    }
    return dropped;
  }

  private static Properties settings() {
    Properties settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "windows");
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "nowhere:1");
    settings.put(StreamsConfig.DSL_STORE_SUPPLIERS_CLASS_CONFIG, InMemoryDslStoreSuppliers.class);
    // Every record's updates are told at once, not the last of many.
    settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0);
    return settings;
  }
}
