package io.github.peft4j.models.internal.architecture.roberta;

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
import io.github.peft4j.models.tokens.TokenHead;
import io.github.peft4j.models.tokens.internal.MaskedHead;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RobertaTest extends EncoderContract {

    private static final LoadOptions CPU = LoadOptions.on(Device.cpu());

    RobertaTest() {
        super("roberta");
    }

    /** Pickled, norms with gamma and beta, positions as a tensor, and a pooler. */
    @Test
    void readsCheckpointsOfOldWithAnyHead() throws CheckpointException {
        try (Golden golden = Golden.encoder("roberta-old-masked")) {
            try (Model<MaskedHead> model = Models.load(golden.folder(), CPU, MaskedHead.class)) {
                assertThat(model.head().newLayers()).isEmpty();
                assertOutputs(golden, model);
                assertThat(model.weightsByPath().get("lm_head.bias"))
                        .isSameAs(model.weightsByPath().get("lm_head.decoder.bias"));
                assertThat(model.anatomy().headIsTied()).isTrue();
            }
            try (Model<SequenceHead> model = Models.load(golden.folder(), CPU, SequenceHead.class)) {
                assertThat(model.head().newLayers()).containsExactly("classifier.dense", "classifier.out_proj");
                assertThat(model.anatomy().className()).isEqualTo("RobertaForSequenceClassification");
            }
        }
    }

    @Test
    void aTaggerOfAClassifierIsNew() throws CheckpointException {
        try (Golden golden = Golden.encoder("roberta-sequence");
                Model<TokenHead> model = Models.load(golden.folder(), CPU, TokenHead.class)) {
            assertThat(model.head().newLayers()).containsExactly("classifier");
        }
    }

    @Test
    void positionsBeginBehindPadding(@TempDir Path folder) throws IOException {
        try (Golden golden = Golden.encoder("roberta-features")) {
            try (Model<EmbeddingHead> model = Models.load(golden.folder(), CPU, EmbeddingHead.class)) {
                assertThat(model.config().maxPositions()).isEqualTo(22);
                assertThat(model.head().newLayers()).isEmpty();
            }
            Path without = golden.copy(folder.resolve("null"), config -> config.putNull("pad_token_id"));
            assertThatThrownBy(() -> Models.load(without, CPU, EmbeddingHead.class))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageEndingWith("positions begin behind pad_token_id, which must be from 0 to 22 with"
                            + " max_position_embeddings 24, got null");
            Path beyond = golden.copy(folder.resolve("beyond"), config -> config.put("pad_token_id", 23));
            assertThatThrownBy(() -> Models.load(beyond, CPU, EmbeddingHead.class))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageEndingWith("got 23");
        }
    }
}
