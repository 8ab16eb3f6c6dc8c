package io.github.peft4j.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import io.github.peft4j.core.internal.held.NewAdapters;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.StoredType;
import io.github.peft4j.models.internal.ModelOrigin;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Adapter folders that are read. */
final class AdapterLoadingTest extends AdapterFolderFixture {

    @Test
    void whatWasSavedIsReadAgain() throws IOException {
        float[] adapted = save(FakeConfig.of("q_proj", "embed_tokens").saving("lm_head"));
        PeftModel<?> peft = open();
        assertThat(Toy.logits(model)).containsExactly(adapted);
        assertThat(peft.active()).containsExactly("default");
        assertThat(model.trainableWeights()).isEmpty();
        assertThat(((FakeAdapter) peft.adapter()).loads).isEqualTo(1);
        peft.setTrainable("default");
        assertThat(model.trainableWeights()).hasSize(4);
    }

    @Test
    void readAndSavedAgainTheFilesAreTheSame() throws IOException {
        save(FakeConfig.of("q_proj").saving("lm_head"));
        open().save(folder.resolve("again"));
        for (String name : files(saved)) {
            assertThat(folder.resolve("again").resolve(name)).hasSameBinaryContentAs(saved.resolve(name));
        }
    }

    @Test
    void anotherAdapterIsReadBesideWithoutATrace() throws IOException {
        float[] adapted = save(FakeConfig.of("q_proj").withInitial(2));
        PeftModel<?> peft = attach(FakeConfig.of("v_proj").withInitial(1.5));
        float[] first = Toy.logits(model);
        peft.load(saved, "b");
        assertThat(peft.active()).containsExactly("default");
        assertThat(Toy.logits(model)).containsExactly(first);
        assertThat(peft.adapter().parameters().values()).allMatch(Weight::trainable);
        peft.setActive("b");
        assertThat(Toy.logits(model)).containsExactly(adapted);
    }

    @Test
    void allThatWasSavedIsReadUnderItsNames() throws IOException {
        PeftModel<?> peft =
                PeftModel.attach(model, FakeConfig.of("q_proj").withInitial(2), named("b"), FakeMethod.ALONE);
        peft.add(FakeConfig.of("v_proj").withInitial(3), named("c"));
        peft.save(saved);
        float[] first = Toy.logits(model);
        peft.unload();
        PeftModel<?> again = FakeMethod.loadAll(model, saved);
        assertThat(again.names()).containsExactly("b", "c");
        assertThat(again.active()).containsExactly("b");
        assertThat(Toy.logits(model)).containsExactly(first);
    }

    @Test
    void allOrNoneIsRead() throws IOException {
        PeftModel<?> peft =
                PeftModel.attach(model, FakeConfig.of("q_proj").withInitial(2), named("b"), FakeMethod.ALONE);
        peft.add(FakeConfig.of("v_proj").withInitial(3), named("c"));
        peft.save(saved);
        peft.unload();
        Files.delete(saved.resolve("c/adapter_model.safetensors"));
        assertThatThrownBy(() -> FakeMethod.loadAll(model, saved))
                .hasMessageStartingWith("Can't find weights in " + saved.resolve("c"));
        assertThat(Toy.logits(model)).containsExactly(base);
        assertThatThrownBy(() -> FakeMethod.loadAll(model, folder.resolve("base")))
                .isInstanceOf(CheckpointException.class)
                .hasMessage("no adapter in " + folder.resolve("base")
                        + ": expected adapter_config.json there or in a folder within");
    }

    @Test
    void aFolderThatOnlyHasFoldersOfAdaptersIsExplained() throws IOException {
        PeftModel<?> peft = PeftModel.attach(model, FakeConfig.of("q_proj"), named("b"), FakeMethod.ALONE);
        peft.save(saved);
        peft.unload();
        refused("Can't find 'adapter_config.json' at '" + saved
                + "'; there are adapters in folders below: [b], name one of them");
        assertThat(PeftModel.load(model, saved.resolve("b"), FakeMethod.ALONE).names())
                .containsExactly("default");
    }

    @Test
    void shortNumbersAreReadAsFloats() throws IOException {
        for (StoredType type : List.of(StoredType.BF16, StoredType.F16)) {
            save(FakeConfig.of("q_proj"));
            rewrite(UnaryOperator.identity(), type);
            PeftModel<?> peft = open();
            for (Weight weight : peft.adapter().parameters().values()) {
                assertThat(weight.precision()).isEqualTo(Precision.FLOAT32);
                assertThat(weight.scope().kernels().toFloats(weight.array())).containsOnly(1.5f);
            }
            peft.unload();
        }
    }

    @Test
    void keysMayLackThePrefix() throws IOException {
        float[] adapted = save(FakeConfig.of("q_proj").saving("lm_head"));
        rewrite(name -> name.substring("base_model.model.".length()), null);
        open();
        assertThat(Toy.logits(model)).containsExactly(adapted);
    }

    @Test
    void aPickledFileIsRead() throws IOException {
        save(FakeConfig.of("q_proj"));
        Files.delete(saved.resolve("adapter_model.safetensors"));
        Files.write(saved.resolve("adapter_model.bin"), Golden.bytes("adapter_model.bin"));
        PeftModel<?> peft = open();
        Weight first = peft.adapter().parameters().get(KEY.formatted(0));
        assertThat(first.scope().kernels().toFloats(first.array())).startsWith(0.5f, 1.5f, 2.5f);
    }

    @Test
    void anAdapterMadeForAnotherBaseIsPointedOut() throws IOException {
        save(FakeConfig.of("q_proj"));
        model.setOrigin(ModelOrigin.of(folder).named("org/other"));
        try (Logged logged = Logged.of(NewAdapters.class)) {
            PeftModel<?> peft = open();
            assertThat(logged.messages(Level.WARN))
                    .containsExactly("the adapter in " + saved + " was made for the base model '"
                            + folder.resolve("base") + "', and is put on 'org/other'");
            assertThat(peft.adapter().config().common().baseModel())
                    .isEqualTo(folder.resolve("base").toString());
        }
    }

    @Test
    void aMissingNameOfTheBaseIsFilledIn() throws IOException {
        save(FakeConfig.of("q_proj"));
        Path file = saved.resolve("adapter_config.json");
        Files.writeString(
                file,
                Files.readString(file)
                        .replaceAll("\"base_model_name_or_path\": \"[^\"]*\"", "\"base_model_name_or_path\": null"));
        try (Logged logged = Logged.of(NewAdapters.class)) {
            assertThat(open().adapter().config().common().baseModel())
                    .isEqualTo(folder.resolve("base").toString());
            assertThat(logged.messages(Level.WARN)).isEmpty();
        }
    }
}
