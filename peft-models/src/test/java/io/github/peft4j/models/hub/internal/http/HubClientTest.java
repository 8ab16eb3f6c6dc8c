package io.github.peft4j.models.hub.internal.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.loopback.internal.Answer;
import io.github.peft4j.loopback.internal.Fault;
import io.github.peft4j.loopback.internal.LoopbackHub;
import io.github.peft4j.models.internal.json.JsonLimits;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HubClientTest {

    private static final String TOKEN = "hf_secretsecret";

    private final LoopbackHub hub = LoopbackHub.start();
    private final List<Duration> pauses = new ArrayList<>();

    @AfterEach
    void close() {
        hub.close();
    }

    private HubClient client() {
        Patience patience = new Patience(
                3,
                Duration.ofSeconds(5),
                Duration.ofMillis(300),
                Duration.ofSeconds(1),
                Duration.ofMinutes(1),
                pauses::add);
        return HubClient.of(hub.endpoint(), Credential.of(TOKEN), patience);
    }

    private byte[] content(String path) throws IOException {
        try (HubAnswer answer = client().send(HubRequest.get(path))) {
            return answer.bytes(1 << 20);
        }
    }

    @Test
    void theTokenIsForTheHubAloneWhereverRedirectsLead() throws IOException {
        byte[] bytes = {1, 2, 3};
        hub.model("o/n").large("weights", bytes);
        assertThat(content("/o/n/resolve/main/weights")).isEqualTo(bytes);
        assertThat(hub.seen()).hasSize(2);
        assertThat(hub.seen().get(0).header("Authorization")).isEqualTo("Bearer " + TOKEN);
        assertThat(hub.seen().get(1).host()).startsWith("localhost");
        assertThat(hub.seen().get(1).headers().toString()).doesNotContain(TOKEN);
    }

    @Test
    void anotherHostSeesOnlyTheRangeOfTheHeadersThatTheHubWasSent() throws IOException {
        hub.model("o/n").large("weights", new byte[] {1, 2, 3});
        HubRequest request = HubRequest.get("/o/n/resolve/main/weights")
                .with("Range", "bytes=1-")
                .with("X-Own", "own");
        try (HubAnswer answer = client().send(request)) {
            assertThat(answer.status()).isEqualTo(206);
            assertThat(answer.bytes(10)).containsExactly(2, 3);
        }
        assertThat(hub.seen().get(0).header("X-Own")).isEqualTo("own");
        assertThat(hub.seen().get(1).header("X-Own")).isNull();
        assertThat(hub.seen().get(1).header("Range")).isEqualTo("bytes=1-");
    }

    @Test
    void neitherTextsNorMessagesHaveTheToken() throws IOException {
        assertThat(Credential.of(TOKEN)).hasToString("a token");
        assertThatThrownBy(() -> Credential.of("a b")).hasMessageNotContaining("a b");
        hub.fault("/echo", Fault.status(403, Map.of("X-Error-Message", "no right for " + TOKEN)));
        try (HubAnswer answer = client().send(HubRequest.get("/echo"))) {
            assertThat(answer.problem()).isEqualTo("no right for ***");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {408, 429, 500, 502, 503, 504})
    void whatFailsForAMomentIsTriedAgain(int status) throws IOException {
        hub.model("o/n").file("a", "content");
        hub.fault("/a", Fault.status(status, Map.of()), Fault.status(status, Map.of()));
        assertThat(content("/o/n/resolve/main/a")).asString().isEqualTo("content");
        assertThat(pauses).containsExactly(Duration.ofSeconds(1), Duration.ofSeconds(2));
    }

    @Test
    void aHubThatAsksToWaitIsWaitedFor() throws IOException {
        hub.model("o/n").file("a", "content");
        hub.fault(
                "/a",
                Fault.status(429, Map.of("Retry-After", "7")),
                Fault.status(429, Map.of("RateLimit", "\"api\";r=0;t=9")));
        content("/o/n/resolve/main/a");
        assertThat(pauses).containsExactly(Duration.ofSeconds(7), Duration.ofSeconds(9));
    }

    @Test
    void aHubThatAsksForTooMuchIsTold() {
        hub.fault("/a", Fault.status(429, Map.of("Retry-After", "3600")));
        assertThatThrownBy(() -> content("/a?signature=x"))
                .isInstanceOf(HubException.class)
                .hasMessage(hub.endpoint() + "/a takes no more requests for now (429): try again in 3600 s");
        assertThat(pauses).isEmpty();
    }

    @Test
    void whatFailsToTheLastIsTold() {
        Fault fault = Fault.status(503, Map.of("X-Error-Message", "maintenance"));
        hub.fault("/a", fault, fault, fault);
        assertThatThrownBy(() -> content("/a"))
                .isInstanceOf(HubException.class)
                .hasMessage(
                        hub.endpoint() + "/a fails with status 503 (maintenance) after 3 attempts: try again later");
    }

    @Test
    void whatMustNotArriveTwiceIsNotSentTwice() throws IOException {
        hub.fault("/a", Fault.content(0, Fault.Then.STALL));
        hub.route(request -> new Answer(200, Map.of(), new byte[] {1}));
        hub.fault("/b", Fault.status(503, Map.of()));
        try (HubAnswer answer = client().send(HubRequest.post("/b", "application/json", new byte[] {1}))) {
            assertThat(answer.status()).isEqualTo(503);
        }
        assertThat(hub.seen()).hasSize(1);
    }

    @Test
    void aBodyIsSentAgainFromItsBeginning() throws IOException {
        hub.route(request -> new Answer(200, Map.of(), request.body()));
        hub.fault("/b", Fault.status(500, Map.of()));
        byte[] body = "body".getBytes(StandardCharsets.UTF_8);
        HubRequest request = HubRequest.post("/b", "text/plain", body).asRepeatable();
        try (HubAnswer answer = client().send(request)) {
            assertThat(answer.bytes(10)).isEqualTo(body);
        }
        assertThat(hub.seen())
                .hasSize(2)
                .allSatisfy(seen -> assertThat(seen.body()).isEqualTo(body));
    }

    @Test
    void aServerThatSendsNothingMoreIsGivenUp() {
        hub.model("o/n").file("a", "content");
        hub.fault("/a", Fault.content(3, Fault.Then.STALL));
        assertThatThrownBy(() -> content("/o/n/resolve/main/a")).hasMessageContaining("nothing came for");
    }

    @Test
    void aConnectionThatBreaksOffIsAnError() {
        hub.model("o/n").file("a", "content");
        hub.fault("/a", Fault.content(3, Fault.Then.DROP));
        assertThatThrownBy(() -> content("/o/n/resolve/main/a"))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("is incomplete: the connection broke off");
    }

    @Test
    void redirectsEnd() {
        hub.route(request -> new Answer(302, Map.of("Location", "/again"), new byte[0]));
        assertThatThrownBy(() -> content("/a")).hasMessage(hub.endpoint() + "/a redirects more than 10 times");
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:///etc/passwd", "ftp://x/y", "http:///", "http://[", "javascript:x"})
    void redirectsLeadToWebServersAlone(String location) {
        hub.fault("/a", Fault.redirect(location));
        assertThatThrownBy(() -> content("/a"))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("redirects to an address that is none");
    }

    @Test
    void whatIsSentIsNotSentElsewhere() {
        hub.fault("/a", Fault.status(307, Map.of("Location", hub.storeAddress() + "/a")));
        assertThatThrownBy(() -> client().send(HubRequest.post("/a", "text/plain", new byte[] {1})))
                .hasMessageContaining("redirects what is sent to it to " + hub.storeAddress());
        assertThat(hub.seen()).hasSize(1);
    }

    @Test
    void anAnswerIsBounded() throws IOException {
        hub.model("o/n").file("a", "0123456789");
        try (HubAnswer answer = client().send(HubRequest.get("/o/n/resolve/main/a"))) {
            assertThatThrownBy(() -> answer.bytes(9)).hasMessageContaining("more than 9 bytes");
        }
        try (HubAnswer answer = client().send(HubRequest.get("/api/models/o/n"))) {
            assertThatThrownBy(() -> answer.json(JsonLimits.ofBytes(9))).hasMessageContaining("more than 9 bytes");
        }
    }

    @Test
    void headSaysWhereALargeFileLiesAndWhatItIs() throws IOException {
        hub.model("o/n").large("weights", new byte[] {1, 2, 3});
        try (HubAnswer answer = client().send(HubRequest.head("/o/n/resolve/main/weights"))) {
            assertThat(answer.status()).isEqualTo(302);
            assertThat(answer.number("X-Linked-Size")).isEqualTo(3);
            assertThat(answer.header("X-Linked-Etag")).contains("\"");
            assertThat(answer.header("X-Repo-Commit")).hasSize(40);
        }
    }

    @Test
    void aHubThatIsNotThereIsTold() {
        HubClient client = client();
        hub.close();
        assertThatThrownBy(() -> client.send(HubRequest.get("/a")))
                .isInstanceOf(HubException.class)
                .hasMessage("cannot reach " + hub.endpoint() + ": connection refused");
        assertThat(pauses).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "huggingface.co", "ftp://x", "https://", "http://a b"})
    void anEndpointIsAnAddress(String endpoint) {
        assertThatThrownBy(() -> HubClient.of(endpoint, Credential.none(), Patience.usual()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("\"" + endpoint
                        + "\" is no address of a hub: expected https://HOST, as https://huggingface.co");
    }

    @Test
    void anInterruptedThreadStaysInterrupted() {
        hub.model("o/n").file("a", "content");
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> content("/o/n/resolve/main/a")).isInstanceOf(InterruptedIOException.class);
        assertThat(Thread.interrupted()).isTrue();
    }
}
