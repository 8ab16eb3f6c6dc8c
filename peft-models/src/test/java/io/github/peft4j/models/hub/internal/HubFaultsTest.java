package io.github.peft4j.models.hub.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.loopback.internal.Fault;
import io.github.peft4j.models.hub.internal.fetch.ChosenFiles;
import io.github.peft4j.models.hub.internal.fetch.Repo;
import io.github.peft4j.models.hub.internal.http.HubException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a hub does wrong, and what a file of it says. */
class HubFaultsTest extends HubFixture {

    @ParameterizedTest
    @EnumSource(
            value = Fault.Then.class,
            names = {"DROP", "STALL", "SHORT"})
    void aDownloadThatBreaksOffGoesOnFromThere(Fault.Then then) throws IOException {
        String sha = model().files().get("model.safetensors").sha256();
        loopback.fault("/" + sha, Fault.content(100_000, then), Fault.content(50_000, then));
        assertThat(fetch("o/n").resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
        assertThat(ranges(sha)).containsExactly(null, "bytes=100000-", "bytes=150000-");
    }

    @Test
    void aDownloadThatWasGivenUpGoesOnFromThereNextTime() throws IOException {
        String sha = model().files().get("model.safetensors").sha256();
        Fault none = Fault.content(0, Fault.Then.DROP);
        loopback.fault("/" + sha, Fault.content(100_000, Fault.Then.DROP), none, none, none);
        assertThatThrownBy(() -> fetch("o/n"))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("comes no further than 100000 of 300000 bytes")
                .hasMessageEndingWith("try again, it goes on from there");
        assertThat(home.resolve("hub/models--o--n/refs/main")).doesNotExist();
        loopback.forget();
        assertThat(fetch("o/n").resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
        assertThat(ranges(sha)).containsExactly("bytes=100000-");
    }

    @Test
    void aHubThatSendsTheWholeInPlaceOfTheRestIsTakenAtItsWord() throws IOException {
        String sha = model().files().get("model.safetensors").sha256();
        loopback.fault("/" + sha, Fault.content(100_000, Fault.Then.DROP), Fault.content(0, Fault.Then.WHOLE));
        assertThat(fetch("o/n").resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
    }

    @ParameterizedTest
    @EnumSource(
            value = Fault.Then.class,
            names = {"GARBAGE", "LONG"})
    void aWrongContentIsFetchedAnewAndRefusedIfItStaysWrong(Fault.Then then) throws IOException {
        String sha = model().files().get("model.safetensors").sha256();
        Fault fault = Fault.content(1000, then);
        loopback.fault("/" + sha, fault, fault);
        assertThatThrownBy(() -> fetch("o/n"))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("\"model.safetensors\" of o/n from " + loopback.endpoint() + " is damaged")
                .hasMessageEndingWith("Nothing of it was kept; try again later");
        assertThat(home.resolve("hub/models--o--n/blobs/" + sha)).doesNotExist();
        assertThat(home.resolve("hub/models--o--n/blobs/" + sha + ".incomplete"))
                .isEmptyFile();
        loopback.fault("/" + sha, fault);
        assertThat(fetch("o/n").resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
    }

    @Test
    void smallFilesAreCheckedByGitsHash() {
        model();
        Fault fault = Fault.content(0, Fault.Then.GARBAGE);
        loopback.fault("/config.json", fault, fault);
        assertThatThrownBy(() -> fetch("o/n")).hasMessageContaining("its hash is");
    }

    @Test
    void aLeftOverThatIsWrongIsFoundOut() throws IOException {
        String sha = model().files().get("model.safetensors").sha256();
        Path blobs = Files.createDirectories(home.resolve("hub/models--o--n/blobs"));
        Files.write(blobs.resolve(sha + ".incomplete"), new byte[1000]);
        assertThat(fetch("o/n").resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../x.json",
                "a/../../x.json",
                "/etc/x.json",
                "a\\b.json",
                "C:x.json",
                "a//b.json",
                "nul.json",
                "a\u0000b.json",
                "a/./b.json",
                "x.json."
            })
    void namesThatLeaveTheFolderAreRefused(String name) throws IOException {
        model().file(name, "evil");
        assertThatThrownBy(() -> hub().download(HubName.of("o/n"), Repo.Kind.MODEL, ChosenFiles.all(), null))
                .isInstanceOf(HubException.Refusal.class)
                .hasMessageContaining("o/n has files whose names are refused (1 problem)");
        assertThat(files(home)).isEmpty();
    }

    @Test
    void namesThatDifferInCapitalsAloneAreRefused() {
        model().file("Config.json", "evil");
        assertThatThrownBy(() -> hub().download(HubName.of("o/n"), Repo.Kind.MODEL, ChosenFiles.all(), null))
                .hasMessageContaining("differs from");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../x.safetensors", "/etc/x.safetensors"})
    void anIndexCannotNameFilesElsewhere(String name) {
        loopback.model("o/n")
                .file("config.json", "{}")
                .file("model.safetensors.index.json", "{\"weight_map\":{\"a\":\"" + name + "\"}}");
        assertThatThrownBy(() -> fetch("o/n")).hasMessageContaining("whose names are refused");
    }

    @Test
    void whatTheHubDoesNotGiveIsExplained() {
        loopback.model("o/gated")
                .file("config.json", "{}")
                .large("model.safetensors", bytes(3))
                .gated();
        loopback.model("o/private").file("config.json", "{}").privateTo("another");
        loopback.model("o/empty").file("README.md", "x");
        String there = loopback.endpoint();
        assertThatThrownBy(() -> fetch("o/gated"))
                .isInstanceOf(HubException.Refusal.class)
                .hasMessageEndingWith("o/gated is gated: accept its conditions at " + there
                        + "/o/gated, and use a token of the account that has done so");
        assertThatThrownBy(() -> fetch("o/gated", "HF_TOKEN", ""))
                .hasMessageEndingWith("and set HF_TOKEN to a token of your account");
        assertThatThrownBy(() -> fetch("o/private"))
                .isInstanceOf(HubException.Refusal.class)
                .hasMessage(
                        "no checkpoint folder at o/private, and on the hub: there is no model \"o/private\" at " + there
                                + ", or it is private: look for a slip in the name; if it is private, the token must be of somebody who may read it");
        assertThatThrownBy(() -> fetch("o/gated@v9"))
                .hasMessageContaining("o/gated has no revision \"v9\": expected a branch, a tag or a commit");
        assertThatThrownBy(() -> fetch("o/empty"))
                .isInstanceOf(HubException.Refusal.class)
                .hasMessageContaining("it holds no weights that can be read: expected model.safetensors or");
        assertThatThrownBy(() -> ModelLocation.ofAdapter("o/gated", hub()))
                .hasMessageContaining("it holds no adapter: expected adapter_config.json, found config.json");
    }

    @Test
    void aTokenThatIsNotAcceptedIsTold() {
        loopback.fault(
                "/api", Fault.status(401, Map.of("X-Error-Message", "Invalid credentials in Authorization header")));
        assertThatThrownBy(() -> fetch("o/n")).hasMessageContaining("does not accept the token");
    }
}
