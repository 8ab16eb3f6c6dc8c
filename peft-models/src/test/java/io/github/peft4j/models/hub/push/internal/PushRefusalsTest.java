package io.github.peft4j.models.hub.push.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.loopback.internal.Answer;
import io.github.peft4j.loopback.internal.Fault;
import io.github.peft4j.loopback.internal.HostedFile;
import io.github.peft4j.models.hub.internal.http.HubException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a hub refuses, and what is refused before it is asked. */
class PushRefusalsTest extends PushFixture {

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({
        "/api/repos/create, 401, does not accept the token",
        "/api/repos/create, 402, no storage left",
        "/api/repos/create, 403, may not do that",
        "/preupload/, 403, may not do that",
        "/info/lfs/, 413, finds it too large",
        "/upload/, 413, store finds it too large",
        "/upload/, 403, push again",
        "/commit/, 409, somebody has committed there meanwhile",
        "/commit/, 413, finds it too large",
        "/revision/, 404, no such repository or branch",
        "/preupload/, 429, takes no more requests for now",
    })
    void refusalsSayWhatToDo(String path, int status, String message) {
        Fault fault = Fault.status(status, Map.of());
        hub.fault(path, fault, fault, fault);
        assertThatThrownBy(this::pushed)
                .isInstanceOf(HubException.class)
                .hasMessageContaining(message)
                .hasMessageNotContaining(TOKEN)
                .hasMessageNotContaining("signature");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"header\": {\"X\": \"a\\r\\nHost: b\"}, \"href\": \"STORE/upload/1?signature=secret\"",
                "\"header\": {\"X Y\": \"a\"}, \"href\": \"STORE/upload/1?signature=secret\"",
                "\"href\": \"file:///etc/passwd\"",
                "\"href\": \"no address\"",
                "\"header\": {\"chunk_size\": \"0\"}, \"href\": \"STORE/complete\"",
                "\"header\": {\"chunk_size\": \"200000\", \"1\": \"STORE/1\"}, \"href\": \"STORE/complete\"",
                "\"head\": 1",
            })
    void anAddressForAnUploadThatIsNoneIsRefused(String action) {
        String hash = new HostedFile("x", content.get("adapter_model.safetensors"), true).sha256();
        String answer = "{\"objects\": [{\"oid\": \"" + hash + "\", \"size\": 300001, \"actions\": {\"upload\": {"
                + action.replace("STORE", hub.storeAddress()) + "}}}]}";
        hub.route(request -> request.path().endsWith("/objects/batch")
                ? new Answer(200, Map.of(), answer.getBytes(StandardCharsets.UTF_8))
                : null);
        assertThatThrownBy(this::pushed).isInstanceOf(HubException.class);
        assertThat(uploads()).isEmpty();
    }

    @Test
    void aCardThatIsNotValidIsRefusedBeforeAnythingIsMade() throws IOException {
        assertThat(push("main", false).check("---\nlicense: mit\n---\n")).isEmpty();
        assertThatThrownBy(() -> push("main", false).check("---\nlicense: nonsense\n---\n"))
                .isInstanceOf(HubException.Refusal.class)
                .hasMessageContaining("README.md")
                .hasMessageContaining("\"license\" must be one of");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"adapter", "a/b/c", "me/", "/me", "me/-x", "me/x.git", "me/a--b", "me/a..b", "me/x?y", "me/x y"})
    void aNameThatNoRepositoryCanHaveIsRefused(String id) {
        assertThatThrownBy(() -> new PushTarget(id, "main", false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected OWNER/NAME");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../x", "a/../b", "/x", ".git/config", "a/.git/x", ".cache/x", "a\nb", "a\\b", "a//b", ""})
    void aPathThatNoRepositoryCanHoldIsRefused(String path) {
        assertThatThrownBy(() -> new PushedFile(path, Content.of(new byte[0])))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
