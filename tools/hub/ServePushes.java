import io.github.peft4j.loopback.internal.Answer;
import io.github.peft4j.loopback.internal.LoopbackHub;
import io.github.peft4j.loopback.internal.PushRoutes;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.stream.Collectors;

/** The tests' hub by itself: says where it is, and at {@code /seen} what it was asked, until standard input ends. */
final class ServePushes {

    public static void main(String[] arguments) throws Exception {
        try (LoopbackHub hub = LoopbackHub.start()) {
            PushRoutes.on(hub, arguments[0]).inPartsOf(Integer.parseInt(arguments[1]));
            hub.route(request -> request.path().equals("/seen") ? seen(hub) : null);
            System.out.println(hub.endpoint());
            while (System.in.read() >= 0) {}
        }
    }

    private static Answer seen(LoopbackHub hub) {
        String lines = hub.seen().stream()
                .filter(seen -> !seen.path().equals("/seen"))
                .map(seen -> String.join(
                        "\t",
                        seen.method(),
                        "http://" + seen.host() + seen.path(),
                        String.valueOf(seen.header("Authorization")),
                        String.valueOf(seen.header("Content-Type")),
                        Base64.getEncoder().encodeToString(seen.body())))
                .collect(Collectors.joining("\n"));
        hub.forget();
        return new Answer(200, Map.of(), lines.getBytes(StandardCharsets.UTF_8));
    }
}
