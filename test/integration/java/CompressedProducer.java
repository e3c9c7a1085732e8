import java.util.Properties;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Writes `v0` to `v<records - 1>` to partition 0 of each topic, each in its own compression, as a Java platform would:
 * BROKERS RECORDS {TOPIC COMPRESSION}.
 */
public final class CompressedProducer {
    public static void main(String[] args) {
        for (int at = 2; at + 1 < args.length; at += 2) {
            produce(args[0], Integer.parseInt(args[1]), args[at], args[at + 1]);
        }
    }

    private static void produce(String brokers, int records, String topic, String compression) {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", brokers);
        settings.put("compression.type", compression);
        settings.put("linger.ms", "50");
        settings.put("batch.size", "262144");
        settings.put("key.serializer", StringSerializer.class.getName());
        settings.put("value.serializer", StringSerializer.class.getName());
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(settings)) {
            for (int n = 0; n < records; n++) {
                producer.send(new ProducerRecord<>(topic, 0, "k" + n, "v" + n));
            }
        }
    }
}
