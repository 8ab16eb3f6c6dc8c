package io.github.peft4j.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.models.internal.lease.Lease;
import io.github.peft4j.models.internal.output.ClaimedFolder;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Adapters of a model that several threads use. */
@Timeout(60)
final class SharedModelTest extends AdapterFolderFixture {

    private final ExecutorService other = Executors.newCachedThreadPool();

    @AfterEach
    void stop() {
        other.shutdownNow();
    }

    private interface Change {
        void run() throws Exception;
    }

    private Future<?> begin(Change change) {
        return other.submit(() -> {
            change.run();
            return null;
        });
    }

    private static boolean isDone(Future<?> future) throws Exception {
        try {
            future.get(200, TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        }
    }

    /** Whether a change is made while this thread has a lease. */
    private boolean isMadeBeside(Lease lease, Change change) throws Exception {
        Future<?> made = begin(change);
        boolean done;
        try (lease) {
            done = isDone(made);
        }
        made.get();
        return done;
    }

    @Test
    void whatATextWouldNoticeWaitsForItsEnd() throws Exception {
        save(FakeConfig.of("q_proj").withInitial(2));
        PeftModel<?> peft = attach(FakeConfig.of("v_proj"));
        peft.add(FakeConfig.of("k_proj"), named("b"));
        assertThat(isMadeBeside(model.leases().hold(null), () -> peft.setActive("b")))
                .isFalse();
        assertThat(isMadeBeside(model.leases().hold(null), () -> peft.setTrainable("b")))
                .isFalse();
        assertThat(isMadeBeside(model.leases().hold(null), peft::mergeActive)).isFalse();
        assertThat(isMadeBeside(model.leases().hold(null), peft::unmerge)).isFalse();
        assertThat(isMadeBeside(model.leases().hold(null), () -> peft.delete("b")))
                .isFalse();
        assertThat(isMadeBeside(model.leases().hold(null), peft::unload)).isFalse();
        assertThat(isMadeBeside(model.leases().hold(null), () -> peft.load(saved, "first")))
                .isFalse();
    }

    @Test
    void whatItWouldNotNoticeDoesNot() throws Exception {
        save(FakeConfig.of("q_proj").withInitial(2));
        PeftModel<?> peft = attach(FakeConfig.of("v_proj"));
        assertThat(isMadeBeside(model.leases().hold(null), () -> peft.load(saved, "b")))
                .isTrue();
        assertThat(isMadeBeside(model.leases().hold(null), () -> peft.add(FakeConfig.of("k_proj"), named("c"))))
                .isTrue();
        assertThat(isMadeBeside(model.leases().hold(null), () -> peft.delete("b")))
                .isTrue();
        assertThat(isMadeBeside(model.leases().hold(null), () -> peft.save(folder.resolve("again"))))
                .isTrue();
    }

    @Test
    void everyChangeWaitsForPasses() throws Exception {
        save(FakeConfig.of("q_proj").withInitial(2));
        PeftModel<?> peft = attach(FakeConfig.of("v_proj"));
        Forward pass = Forward.inference(model.scope());
        Future<?> load = begin(() -> peft.load(saved, "b"));
        assertThat(isDone(load)).isFalse();
        pass.close();
        load.get();
        assertThat(peft.names()).containsExactly("default", "b");
    }

    @Test
    void aThreadCannotChangeAModelInItsOwnPass() {
        PeftModel<?> peft = attach(FakeConfig.of("v_proj"));
        try (Forward pass = Forward.inference(model.scope())) {
            for (Change change : List.<Change>of(
                    peft::unload,
                    () -> peft.deactivate(),
                    () -> peft.add(FakeConfig.of("q_proj"), named("b")),
                    () -> peft.delete("default"),
                    peft::mergeActive)) {
                assertThatThrownBy(change::run)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageStartingWith(
                                "this thread is computing with the model and cannot change it meanwhile");
            }
        }
        assertThat(peft.active()).containsExactly("default");
    }

    @Test
    void everythingOnAClosedModelIsRefusedInTheSameWords() throws IOException {
        save(FakeConfig.of("q_proj").withInitial(2));
        PeftModel<?> peft = attach(FakeConfig.of("v_proj"));
        Weight weight = peft.adapter().parameters().values().iterator().next();
        model.close();
        model.close();
        for (Change change : List.<Change>of(
                peft::unload,
                peft::mergeActive,
                () -> peft.deactivate(),
                () -> peft.setTrainable("default"),
                () -> peft.delete("default"),
                () -> peft.load(saved, "b"),
                () -> peft.swap(saved, "default"),
                () -> peft.save(folder.resolve("again")),
                () -> peft.saveMerged(folder.resolve("merged")),
                peft::parameterReport,
                peft::status,
                () -> peft.selectRows(List.of(PeftModel.BASE)),
                () -> attach(FakeConfig.of("q_proj")),
                () -> Toy.logits(model),
                () -> model.parameterCount())) {
            assertThatThrownBy(change::run)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("this model is closed: its memory is freed");
        }
        assertThat(folder.resolve("again")).doesNotExist();
        assertThatThrownBy(weight::array)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageMatching(
                        "weight \\S+ is freed: its model is closed, or the adapter that it belongs to was taken out"
                                + " of the model");
    }

    @Test
    void allThatIsSavedIsWhatThereIsWhenItsTurnComes() throws Exception {
        PeftModel<?> peft = attach(FakeConfig.of("v_proj"));
        peft.add(FakeConfig.of("k_proj"), named("b"));
        Lease pass = model.leases().pass();
        Future<?> delete = begin(() -> peft.delete("b"));
        assertThat(isDone(delete)).isFalse();
        Future<?> save = begin(() -> peft.save(saved));
        assertThat(isDone(save)).isFalse();
        pass.close();
        delete.get();
        save.get();
        assertThat(saved.resolve("adapter_config.json")).exists();
    }

    @Test
    void aFolderThatARunOfThisProcessWritesIntoMayBeSavedInto() throws IOException {
        PeftModel<?> peft = attach(FakeConfig.of("v_proj"));
        try (ClaimedFolder run = ClaimedFolder.claim(saved)) {
            peft.save(saved);
            assertThat(run.entries()).isNotEmpty();
        }
        assertThat(saved.resolve(ClaimedFolder.LOCK)).doesNotExist();
    }
}
