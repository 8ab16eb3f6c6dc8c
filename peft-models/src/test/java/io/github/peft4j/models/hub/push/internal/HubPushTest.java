package io.github.peft4j.models.hub.push.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.loopback.internal.Fault;
import io.github.peft4j.loopback.internal.HostedFile;
import io.github.peft4j.models.hub.internal.fetch.FetchListener;
import io.github.peft4j.models.hub.internal.http.HubException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HubPushTest extends PushFixture {

    @ParameterizedTest
    @ValueSource(ints = {Integer.MAX_VALUE, 300_001, 300_000, 100_000, 7_000})
    void whatIsCommittedIsWhatTheFolderHasInHoweverManyPartsItIsSent(int partBytes) throws IOException {
        routes.inPartsOf(partBytes);
        HubPush.Pushed pushed = pushed();
        assertThatTheHubHasAll("main");
        assertThat(routes.commits(ID, "main")).containsExactly("first");
        assertThat(pushed.commit()).isEqualTo(hub.model(ID).commit());
        assertThat(pushed.committed()).isEqualTo(5);
        assertThat(pushed.uploaded()).isEqualTo(300_001);
        assertThat(uploads()).hasSize((int) ((300_001L + partBytes - 1) / partBytes));
    }

    @Test
    void aNewRepositoryIsPrivateUnlessTheOwnerSaysOtherwise() throws IOException {
        assertThat(push("main", false).make(false)).isFalse();
        assertThat(routes.isOpen(ID)).isFalse();
        assertThat(new String(hub.seen().get(0).body(), StandardCharsets.UTF_8))
                .contains("\"visibility\": \"private\"", "\"name\": \"adapter\"", "\"organization\": \"me\"");
    }

    @Test
    void whoeverPushesIsToldThatARepositoryThatIsThereIsPublic() throws IOException {
        routes.make(ID, true);
        assertThat(push("main", false).make(false)).isTrue();
    }

    @Test
    void theTokenIsForTheHubAloneAndNotForTheHostThatLargeFilesGoTo() throws IOException {
        routes.inPartsOf(100_000);
        pushed();
        assertThat(hub.seen()).allSatisfy(seen -> {
            boolean own = hub.endpoint().equals("http://" + seen.host());
            assertThat(seen.headers().toString().contains(TOKEN))
                    .as(seen.toString())
                    .isEqualTo(own);
            assertThat(new String(seen.body(), StandardCharsets.ISO_8859_1)).doesNotContain(TOKEN);
        });
        assertThat(uploads()).hasSize(4).allMatch(seen -> seen.host().startsWith("localhost"));
    }

    @Test
    void whatTheHubHasIsNotSentAgainAndNothingIsCommitted() throws IOException {
        HubPush.Pushed first = pushed();
        hub.forget();
        HubPush.Pushed second = pushed();
        assertThat(second).isEqualTo(new HubPush.Pushed(first.commit(), null, 0, 0, List.of()));
        assertThat(uploads()).isEmpty();
        assertThat(hub.seen()).noneMatch(seen -> seen.path().contains("/commit/"));
    }

    @Test
    void onlyWhatHasChangedIsCommitted() throws IOException {
        pushed();
        content.put("README.md", "# new\n".getBytes(StandardCharsets.UTF_8));
        Files.delete(folder.resolve("README.md"));
        assertThat(pushed().committed()).isEqualTo(1);
        assertThatTheHubHasAll("main");
        assertThat(uploads()).hasSize(1);
    }

    @Test
    void uploadsThatAreDroppedAreSentAgain() throws IOException {
        routes.inPartsOf(100_000).loseUploads(2);
        hub.fault("/complete/", Fault.status(503, Map.of()));
        AtomicLong told = new AtomicLong();
        HubPush push = push("main", false);
        push.make(false);
        push.send(files(), "first", onArrival(told::addAndGet));
        assertThatTheHubHasAll("main");
        assertThat(uploads()).hasSize(6);
        assertThat(told).hasValue(300_001);
    }

    @Test
    void aPushThatBrokeOffGoesOnWithWhatIsMissing() throws IOException {
        byte[] more = new byte[50_000];
        content.put("prompt_encoder.safetensors", more);
        hub.fault("/upload/" + new HostedFile("x", more, true).sha256(), Fault.status(403, Map.of()));
        assertThatThrownBy(this::pushed)
                .isInstanceOf(HubException.Refusal.class)
                .hasMessageContaining("cannot upload prompt_encoder.safetensors")
                .hasMessageContaining("push again");
        assertThat(routes.commits(ID, "main")).isEmpty();
        // The other upload may have been stopped before it arrived; what arrived is not sent again.
        long arrived =
                uploads().stream().filter(seen -> seen.body().length == 300_001).count();
        hub.forget();
        pushed();
        assertThatTheHubHasAll("main");
        assertThat(uploads().size()).isLessThanOrEqualTo(2).isGreaterThanOrEqualTo(arrived > 0 ? 1 : 2);
    }

    @Test
    void aCommitWhoseAnswerIsLostIsNotMadeTwice() throws IOException {
        routes.loseAnswersOfCommits(1);
        HubPush.Pushed pushed = pushed();
        assertThat(routes.commits(ID, "main")).containsExactly("first");
        assertThat(pushed.commit()).isEqualTo(hub.model(ID).commit());
        assertThat(pushed.committed()).isEqualTo(5);
    }

    @Test
    void aCommitThatDidNotArriveIsSentAgain() throws IOException {
        hub.fault("/commit/", Fault.status(502, Map.of()), Fault.status(502, Map.of()));
        pushed();
        assertThat(routes.commits(ID, "main")).containsExactly("first");
        assertThatTheHubHasAll("main");
    }

    @Test
    void aPullRequestIsNotSentTwice() throws IOException {
        routes.make(ID, false);
        routes.loseAnswersOfCommits(1);
        assertThatThrownBy(() -> push("main", true).send(files(), "proposed", FetchListener.NONE))
                .isInstanceOf(HubException.class);
        assertThat(routes.commits(ID, "refs/pr/1")).hasSize(1);
    }

    @Test
    void aPullRequestLeavesTheBranchAsItIs() throws IOException {
        routes.make(ID, false);
        HubPush.Pushed pushed = push("main", true).send(files(), "proposed", FetchListener.NONE);
        assertThat(pushed.pullRequest()).isEqualTo(hub.endpoint() + "/" + ID + "/discussions/1");
        assertThat(routes.files(ID, "main")).hasSize(1);
        assertThatTheHubHasAll("refs/pr/1");
    }

    @Test
    void aBranchIsMadeIfThereIsNone() throws IOException {
        routes.make(ID, false);
        for (String message : List.of("one", "two")) {
            content.put("README.md", message.getBytes(StandardCharsets.UTF_8));
            Files.deleteIfExists(folder.resolve("README.md"));
            push("try/1", false).send(files(), message, FetchListener.NONE);
        }
        assertThatTheHubHasAll("try/1");
        assertThat(routes.commits(ID, "try/1")).containsExactly("one", "two");
        assertThat(routes.files(ID, "main")).hasSize(1);
    }

    @Test
    void whatTheRepositoryIgnoresIsNotSentAndIsTold() throws IOException {
        routes.ignoring(".*\\.txt|.*\\.safetensors");
        HubPush.Pushed pushed = pushed();
        assertThat(pushed.ignored()).containsExactly("a name with spaces.txt", "adapter_model.safetensors");
        assertThat(pushed.committed()).isEqualTo(3);
        assertThat(uploads()).isEmpty();
    }

    @Test
    void aCommitOfSomebodyElseMeanwhileIsNotOverwritten() throws IOException {
        routes.make(ID, false);
        HubPush push = push("main", false);
        assertThatThrownBy(() -> push.send(
                        files(), "mine", onArrival(bytes -> hub.model(ID).file("README.md", "theirs"))))
                .isInstanceOf(HubException.Refusal.class)
                .hasMessageContaining("somebody has committed there meanwhile (412)");
        assertThat(routes.files(ID, "main").get("README.md").content())
                .isEqualTo("theirs".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aFileThatChangesWhileItIsSentIsNotCommitted() throws IOException {
        HubPush push = push("main", false);
        push.make(false);
        List<PushedFile> files = files();
        assertThatThrownBy(() -> push.send(files, "x", onArrival(bytes -> append("adapter_config.json"))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("adapter_config.json was changed while it was sent");
        assertThat(routes.commits(ID, "main")).isEmpty();
    }

    private static FetchListener onArrival(LongConsumer action) {
        return new FetchListener() {
            @Override
            public void arrived(long bytes) {
                action.accept(bytes);
            }
        };
    }

    private void append(String name) {
        try {
            Files.writeString(folder.resolve(name), "longer than it was before");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
