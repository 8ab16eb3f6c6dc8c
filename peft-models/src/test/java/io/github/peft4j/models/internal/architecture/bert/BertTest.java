package io.github.peft4j.models.internal.architecture.bert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.github.peft4j.models.EncoderContract;
import io.github.peft4j.models.Golden;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BertTest extends EncoderContract {

    private static final LoadOptions CPU = LoadOptions.on(Device.cpu());

    BertTest() {
        super("bert");
    }

    /** Pickled, norms with gamma and beta, both heads of pretraining, positions as a tensor. */
    @Test
    void readsCheckpointsOfOldWithWhatTheyHoldForOtherHeads() throws CheckpointException {
        try (Golden golden = Golden.encoder("bert-old-masked")) {
            try (Model<MaskedHead> model = Models.load(golden.folder(), CPU, MaskedHead.class)) {
                assertThat(model.head().newLayers()).isEmpty();
                assertOutputs(golden, model);
            }
            try (Model<SequenceHead> model = Models.load(golden.folder(), CPU, SequenceHead.class)) {
                assertThat(model.head().newLayers()).containsExactly("classifier");
                assertThat(model.anatomy().className()).isEqualTo("BertForSequenceClassification");
            }
        }
    }

    @Test
    void readsABackboneWithoutItsNameAndDrawsThePoolerThatItLacks() throws CheckpointException {
        try (Golden golden = Golden.encoder("bert-bare-features")) {
            try (Model<EmbeddingHead> model = Models.load(golden.folder(), CPU, EmbeddingHead.class)) {
                assertThat(model.head().newLayers()).containsExactly("pooler.dense");
                assertThat(model.anatomy().inputEmbedding()).isEqualTo("embeddings.word_embeddings");
                assertOutputs(golden, model);
            }
            try (Model<SequenceHead> model = Models.load(golden.folder(), CPU, SequenceHead.class)) {
                assertThat(model.head().newLayers()).containsExactly("bert.pooler.dense", "classifier");
            }
        }
    }

    /** Files have the bias of the output layer under the name of what holds that layer. */
    @Test
    void holdsTheBiasOfItsPredictionsUnderBothNames() throws CheckpointException {
        try (Golden golden = Golden.encoder("bert-masked");
                Model<MaskedHead> model = Models.load(golden.folder(), CPU, MaskedHead.class)) {
            assertThat(model.weightsByPath().get("cls.predictions.bias"))
                    .isSameAs(model.weightsByPath().get("cls.predictions.decoder.bias"));
            assertThat(model.anatomy().headIsTied()).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "is_decoder|true|is_decoder is not implemented, got true; only checkpoints without it load",
                "position_embedding_type|\"relative_key\"|position_embedding_type \"relative_key\" is not implemented;"
                        + " expected absolute",
                "num_attention_heads|3|hidden_size 16 is not a multiple of num_attention_heads 3"
            })
    void refusesWhatItIsNot(String key, String value, String message, @TempDir Path folder) throws IOException {
        try (Golden golden = Golden.encoder("bert-features")) {
            Path copy = golden.copy(
                    folder.resolve("changed"),
                    config -> config.putRawValue(key, new com.fasterxml.jackson.databind.util.RawValue(value)));
            assertThatThrownBy(() -> Models.load(copy, CPU, EmbeddingHead.class))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageEndingWith(message);
        }
    }
}
