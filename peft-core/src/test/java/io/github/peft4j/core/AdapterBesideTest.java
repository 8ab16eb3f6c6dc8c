package io.github.peft4j.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.method.PeftMethods;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What is kept beside the file that Hugging Face PEFT reads. */
final class AdapterBesideTest extends AdapterFolderFixture {

    private final FakeMethod method = new FakeMethod();
    private final PeftMethods methods = PeftMethods.of(method);

    private Path file() {
        return saved.resolve("kept.safetensors");
    }

    private PeftModel<?> saved() throws IOException {
        method.keepsBeside = true;
        PeftModel<?> peft = PeftModel.attach(model, FakeConfig.of("q_proj"), AttachContext.of(0), methods);
        try (NDArray values = model.scope().floats(new float[] {3, 4}, 2)) {
            method.last.kept.assign(values);
        }
        peft.save(saved);
        return peft;
    }

    @Test
    void itIsWrittenAndReadAgain() throws IOException {
        saved().unload();
        assertThat(files(saved))
                .containsExactly("README.md", "adapter_config.json", "adapter_model.safetensors", "kept.safetensors");
        PeftModel.load(model, saved, methods);
        assertThat(model.scope().kernels().toFloats(method.last.kept.array())).containsExactly(3, 4);
        assertThat(method.last.keptIsMissing).isFalse();
    }

    @Test
    void whereItIsMissingTheAdapterIsTold() throws IOException {
        saved().unload();
        Files.delete(file());
        PeftModel.load(model, saved, methods);
        assertThat(method.last.keptIsMissing).isTrue();
        assertThat(method.last.loads).isEqualTo(1);
    }

    @Test
    void whatThereIsNoMoreLeavesNoFile() throws IOException {
        PeftModel<?> peft = saved();
        method.last.keptIsMissing = true;
        peft.save(saved);
        assertThat(file()).doesNotExist();
    }

    @Test
    void oneThatDoesNotFitIsRefusedAndTheModelIsAsBefore() throws IOException {
        saved().unload();
        Files.copy(
                saved.resolve("adapter_model.safetensors"), file(), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        int live = model.scope().liveArrays();
        assertThatThrownBy(() -> PeftModel.load(model, saved, methods))
                .hasMessage("the adapter in " + file()
                        + " does not fit the model (1 problem): it holds 2 tensors, the config needs 1");
        assertThat(model.scope().liveArrays()).isEqualTo(live);
        assertThat(Toy.logits(model)).containsExactly(base);
    }
}
