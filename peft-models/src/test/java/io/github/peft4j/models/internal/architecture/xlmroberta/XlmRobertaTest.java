package io.github.peft4j.models.internal.architecture.xlmroberta;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import io.github.peft4j.models.EncoderContract;
import io.github.peft4j.models.Golden;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.embedding.EmbeddingHead;
import io.github.peft4j.models.pretrained.LoadOptions;
import io.github.peft4j.models.pretrained.Models;
import org.junit.jupiter.api.Test;

class XlmRobertaTest extends EncoderContract {

    private static final LoadOptions CPU = LoadOptions.on(Device.cpu());

    XlmRobertaTest() {
        super("xlm-roberta");
    }

    /** As sentence encoders are given away. */
    @Test
    void readsABackboneWithoutItsNameAndDrawsThePoolerThatItLacks() throws CheckpointException {
        try (Golden golden = Golden.encoder("xlm-roberta-bare-features")) {
            try (Model<EmbeddingHead> model = Models.load(golden.folder(), CPU, EmbeddingHead.class)) {
                assertThat(model.head().newLayers()).containsExactly("pooler.dense");
                assertOutputs(golden, model);
            }
            try (Model<SequenceHead> model = Models.load(golden.folder(), CPU, SequenceHead.class)) {
                assertThat(model.head().newLayers()).containsExactly("classifier.dense", "classifier.out_proj");
                assertThat(model.anatomy().className()).isEqualTo("XLMRobertaForSequenceClassification");
                assertThat(model.anatomy().inputEmbedding()).isEqualTo("roberta.embeddings.word_embeddings");
            }
        }
    }
}
