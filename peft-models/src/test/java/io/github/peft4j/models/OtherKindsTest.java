package io.github.peft4j.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.pretrained.LoadOptions;
import io.github.peft4j.models.pretrained.Models;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that are not causal come in by the same doors. */
class OtherKindsTest {

    @TempDir
    Path folder;

    /** Classes that depend on a token and the one before it. */
    private static Batch tagged(Golden golden) {
        return Batch.of(
                golden.rows(),
                golden.rows().stream()
                        .map(row -> {
                            int[] classes = new int[row.length];
                            Arrays.setAll(classes, t -> (row[t] + (t > 0 ? row[t - 1] : 0)) % TokenTags.CLASSES);
                            return classes;
                        })
                        .toList());
    }

    @Test
    void loadsACausalCheckpointAsAnotherKindAndTrainsIt() throws IOException {
        try (Golden golden = Golden.of("llama");
                Model<TokenTags> model = Models.load(golden.folder(), LoadOptions.on(Device.cpu()), TokenTags.class)) {
            Batch rows = tagged(golden);
            int count = model.head().objective().items(model, rows);
            model.weightsByPath().values().forEach(weight -> weight.setTrainable(true));
            double first = 0;
            double last = 0;
            for (int step = 0; step < 40; step++) {
                try (Forward context =
                        Forward.recording(model.scope(), new Forward.Recording(step, step % 2 == 0, false))) {
                    last = model.head().objective().loss(context, model, rows, 1.0 / count) / count;
                    first = step == 0 ? last : first;
                    context.backward();
                }
                descend(model);
            }
            assertThat(first).isCloseTo(Math.log(TokenTags.CLASSES), org.assertj.core.data.Offset.offset(1e-5));
            assertThat(last).isLessThan(first / 2);
        }
    }

    private static void descend(Model<?> model) {
        Kernels k = model.scope().kernels();
        for (Weight weight : model.trainableWeights().values()) {
            k.scaleInto(weight.gradient(), -0.05);
            try (NDArray step = k.alias(weight.gradient())) {
                k.addInto(weight.array(), step);
            }
            weight.clearGradient();
        }
    }

    @Test
    void choosesTheKindThatTheConfigNames() throws IOException {
        try (Golden golden = Golden.of("llama")) {
            try (Model<?> model = Models.load(golden.folder(), LoadOptions.on(Device.cpu()), Head.class)) {
                assertThat(model.head()).isInstanceOf(LanguageHead.class);
            }
            Path copy = golden.copy(
                    folder.resolve("tagger"),
                    config -> config.putArray("architectures").add("LlamaForTokenClassification"));
            try (Model<?> model = Models.load(copy, LoadOptions.on(Device.cpu()), Head.class)) {
                assertThat(model.head()).isInstanceOf(TokenTags.class);
                assertThat(model.anatomy().head()).isEqualTo("score");
            }
            assertThatThrownBy(() -> Models.load(copy, Device.cpu(), null))
                    .hasMessageContaining(
                            "the checkpoint holds a LlamaForTokenClassification, expected a LlamaForCausalLM: use it");
        }
    }
}
