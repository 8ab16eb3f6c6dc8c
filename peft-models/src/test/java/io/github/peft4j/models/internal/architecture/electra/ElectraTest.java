package io.github.peft4j.models.internal.architecture.electra;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.EncoderContract;
import io.github.peft4j.models.Golden;
import io.github.peft4j.models.Head;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.embedding.EmbeddingHead;
import io.github.peft4j.models.pretrained.LoadOptions;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.models.tokens.internal.MaskedHead;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ElectraTest extends EncoderContract {

    private static final LoadOptions CPU = LoadOptions.on(Device.cpu());

    ElectraTest() {
        super("electra");
    }

    /** Pickled, norms with gamma and beta, positions as a tensor. */
    @Test
    void readsADiscriminatorAsItsBackboneOrWithAHeadThatIsNew() throws CheckpointException {
        try (Golden golden = Golden.encoder("electra-old-features")) {
            try (Model<Head> model = Models.load(golden.folder(), CPU, Head.class)) {
                assertThat(model.head()).isInstanceOf(EmbeddingHead.class);
                assertOutputs(golden, model);
            }
            try (Model<SequenceHead> model = Models.load(golden.folder(), CPU, SequenceHead.class)) {
                assertThat(model.head().newLayers()).containsExactly("classifier.dense", "classifier.out_proj");
                assertThat(model.anatomy().className()).isEqualTo("ElectraForSequenceClassification");
            }
            try (Model<MaskedHead> model = Models.load(golden.folder(), CPU, MaskedHead.class)) {
                assertThat(model.head().newLayers())
                        .containsExactly(
                                "generator_predictions.dense",
                                "generator_predictions.LayerNorm",
                                "generator_lm_head.bias");
            }
        }
    }

    @Test
    void embeddingsAreNarrowerThanHiddenStates(@TempDir Path folder) throws IOException {
        try (Golden golden = Golden.encoder("electra-masked");
                Model<MaskedHead> model = Models.load(golden.folder(), CPU, MaskedHead.class)) {
            assertThat(model.config().embeddingSize()).isEqualTo(10);
            assertThat(model.config().outputSize()).isEqualTo(16);
            assertThat(model.anatomy().embeddingProjection().path()).isEqualTo("electra.embeddings_project");
            Path untold = golden.copy(folder.resolve("untold"), config -> config.remove("embedding_size"));
            assertThat(Models.sizes(ConfigJson.read(untold)).embeddingSize()).isEqualTo(128);
        }
    }
}
