import java.util.Properties;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/** Writes `v0` to `v<records - 1>` to partition 0 as a Java platform would: BROKERS TOPIC COMPRESSION RECORDS. */
public final class CompressedProducer {
    public static void main(String[] args) {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", args[0]);
        settings.put("compression.type", args[2]);
        settings.put("linger.ms", "50");
        settings.put("batch.size", "262144");
        settings.put("key.serializer", StringSerializer.class.getName());
        settings.put("value.serializer", StringSerializer.class.getName());
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(settings)) {
            for (int n = 0; n < Integer.parseInt(args[3]); n++) {
                producer.send(new ProducerRecord<>(args[1], 0, "k" + n, "v" + n));
            }
        }
    }
}
