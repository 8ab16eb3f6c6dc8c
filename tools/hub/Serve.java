import io.github.peft4j.loopback.internal.LoopbackHub;
import java.nio.file.Path;

/** A hub on this computer with a model's folder as org/toy and some rows as org/rows; prints its address, and ends with its standard input. */
final class Serve {

    private Serve() {}

    public static void main(String[] arguments) throws Exception {
        try (LoopbackHub hub = LoopbackHub.start()) {
            hub.model("org/toy").folder(Path.of(arguments[0])).file("README.md", "# toy");
            hub.dataset("org/rows").file("README.md", "# rows").file("train.jsonl", "{\"text\":\"good day\"}\n");
            System.out.println(hub.endpoint());
            System.in.readAllBytes();
            hub.seen().forEach(System.err::println);
        }
    }
}
