package io.github.peft4j.models.internal.architecture.distilbert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.EncoderContract;
import io.github.peft4j.models.Golden;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.embedding.EmbeddingHead;
import io.github.peft4j.models.pretrained.LoadOptions;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.models.tokens.TokenHead;
import io.github.peft4j.models.tokens.internal.MaskedHead;
import org.junit.jupiter.api.Test;

class DistilBertTest extends EncoderContract {

    private static final LoadOptions CPU = LoadOptions.on(Device.cpu());

    DistilBertTest() {
        super("distilbert");
    }

    /** Pickled, norms with gamma and beta, positions as a tensor. */
    @Test
    void readsCheckpointsOfOldWithAnyHead() throws CheckpointException {
        try (Golden golden = Golden.encoder("distilbert-old-masked")) {
            try (Model<MaskedHead> model = Models.load(golden.folder(), CPU, MaskedHead.class)) {
                assertThat(model.head().newLayers()).isEmpty();
                assertOutputs(golden, model);
                assertThat(model.anatomy().headIsTied()).isTrue();
                assertThat(model.anatomy().cache()).isNull();
            }
            try (Model<SequenceHead> model = Models.load(golden.folder(), CPU, SequenceHead.class)) {
                assertThat(model.head().newLayers()).containsExactly("pre_classifier", "classifier");
                assertThat(model.anatomy().className()).isEqualTo("DistilBertForSequenceClassification");
            }
            try (Model<EmbeddingHead> model = Models.load(golden.folder(), CPU, EmbeddingHead.class)) {
                assertThat(model.head().newLayers()).isEmpty();
                assertThat(model.anatomy().inputEmbedding()).isEqualTo("embeddings.word_embeddings");
            }
        }
    }

    /** A layer of one name that two heads have. */
    @Test
    void aTaggerOfAClassifierKeepsItsOutputLayer() throws CheckpointException {
        try (Golden golden = Golden.encoder("distilbert-sequence");
                Model<TokenHead> model = Models.load(golden.folder(), CPU, TokenHead.class)) {
            assertThat(model.head().newLayers()).isEmpty();
            assertThat(model.head().labels().count()).isEqualTo(3);
        }
    }

    /** Where a config has both kinds of keys the usual ones count, as in transformers. */
    @Test
    void readsItsOwnKeysAndTheUsualOnes() throws CheckpointException {
        String rest =
                "\"model_type\": \"distilbert\", \"vocab_size\": 7, \"hidden_dim\": 5, \"dim\": 16, \"n_layers\": 2";
        ConfigJson both = ConfigJson.parse(
                "{" + rest + ", \"n_heads\": 8, \"num_attention_heads\": 4, \"num_hidden_layers\": 3}", "config.json");
        assertThat(Models.sizes(both).hiddenSize()).isEqualTo(16);
        assertThat(Models.sizes(both).layers()).isEqualTo(3);
        assertThat(Models.sizes(both).heads()).isEqualTo(4);
        ConfigJson bad = ConfigJson.parse("{" + rest + ", \"n_heads\": 3}", "config.json");
        assertThatThrownBy(() -> Models.sizes(bad))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("hidden_size 16 is not a multiple of num_attention_heads 3");
    }
}
